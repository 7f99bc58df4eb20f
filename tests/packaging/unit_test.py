"""The systemd unit, as systemd's own tools see it."""

import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import ROOT, needs, program, read, run  # noqa: E402

UNIT = os.path.join(ROOT, "packaging/systemd/ryumemd.service")


class UnitTest(unittest.TestCase):
    @needs("systemd-analyze")
    def test_exposes_no_more_than_it_must(self):
        result = run("systemd-analyze", "security", "--offline=true", "--threshold=12",
                     "--no-pager", UNIT)
        self.assertEqual(result.returncode, 0, result.stdout)

    @needs("systemd-analyze")
    def test_has_no_mistake(self):
        # The program is where the build put it; the pages are checked elsewhere.
        text = read("packaging/systemd/ryumemd.service").replace("/usr/sbin/ryumemd",
                                                                 program("ryumemd"))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ryumemd.service")
            with open(path, "w", encoding="utf-8") as file:
                file.write(re.sub(r"^Documentation=.*$", "", text, flags=re.M))
            result = run("systemd-analyze", "verify", "--man=no", path)
        ours = [line for line in result.stdout.splitlines() if "ryumemd" in line]
        self.assertEqual((ours, result.returncode), ([], 0), result.stdout)

    def test_does_not_start_again_what_cannot_work(self):
        text = read("packaging/systemd/ryumemd.service")
        self.assertIn("\nRestartPreventExitStatus=64 78\n", text)
        self.assertIn("\nOOMPolicy=continue\n", text)
        self.assertIn("\nKillMode=mixed\n", text)

    def test_checks_the_configuration_before_each_start_and_reload(self):
        text = read("packaging/systemd/ryumemd.service")
        reloads = re.findall(r"^ExecReload=(.*)$", text, re.M)
        self.assertEqual(re.findall(r"^ExecStartPre=(.*)$", text, re.M),
                         ["/usr/sbin/ryumemd --check-config"])
        self.assertEqual(reloads, ["/usr/sbin/ryumemd --check-config", "/bin/sh -c 'kill -HUP $MAINPID'"])


if __name__ == "__main__":
    unittest.main()
