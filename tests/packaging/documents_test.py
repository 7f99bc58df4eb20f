"""The documents, as they are installed."""

import contextlib
import glob
import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import BUILD, needs, read, run  # noqa: E402

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


class DocumentsTest(unittest.TestCase):
    @contextlib.contextmanager
    def installed(self):
        """A folder with all that is installed, as if it were /."""
        with tempfile.TemporaryDirectory() as root:
            result = run("cmake", "--install", BUILD, env={**os.environ, "DESTDIR": root})
            self.assertEqual(result.returncode, 0, result.stdout)
            yield root

    @needs("cmake")
    def test_every_link_in_an_installed_document_leads_to_one_that_is_installed(self):
        with self.installed() as root:
            documents = glob.glob(f"{root}/**/doc/ryumemd/**/*.md", recursive=True)
            self.assertGreater(len(documents), 10)
            dead = []
            for document in documents:
                with open(document, encoding="utf-8") as file:
                    links = LINK.findall(file.read())
                dead += [f"{os.path.relpath(document, root)} -> {link}" for link in links
                         if "://" not in link
                         and not os.path.exists(os.path.join(os.path.dirname(document), link))]
        self.assertEqual(dead, [])

    @needs("cmake")
    def test_an_installed_unit_starts_a_program_that_is_installed_and_reads_what_is(self):
        with self.installed() as root:
            units = glob.glob(f"{root}/**/systemd/system/ryumemd.service", recursive=True)
            self.assertEqual(len(units), 1)
            with open(units[0], encoding="utf-8") as file:
                unit = file.read()
            self.assertEqual(unit.count("$MAINPID"), 1)
            started = re.findall(r"^Exec(?:Start|StartPre|Reload)=(\S*/ryumemd)\b", unit, re.M)
            self.assertEqual(len(started), 3)
            for path in [*started, "/etc/ryumemd/ryumemd.conf"]:
                self.assertTrue(os.path.exists(root + path), path)

    @needs("cmake")
    def test_a_second_installation_keeps_the_configuration_and_goes_where_it_is_told(self):
        with self.installed() as root:
            conf = os.path.join(root, "etc/ryumemd/ryumemd.conf")
            with open(conf, "w", encoding="utf-8") as file:
                file.write("# mine")
            result = run("cmake", "--install", BUILD, "--prefix", "/opt/elsewhere",
                         env={**os.environ, "DESTDIR": root})
            self.assertEqual(result.returncode, 0, result.stdout)
            with open(conf, encoding="utf-8") as file:
                self.assertEqual(file.read(), "# mine")
            with open(f"{root}/opt/elsewhere/lib/systemd/system/ryumemd.service",
                      encoding="utf-8") as file:
                self.assertIn("\nExecStart=/opt/elsewhere/sbin/ryumemd\n", file.read())

    def test_the_spec_takes_all_documents_from_where_they_are_installed(self):
        # Fedora forbids to mix these with those that rpm itself would put there.
        docs = re.findall(r"^%doc (.*)$", read("packaging/rpm/ryumemd.spec.in"), re.M)
        self.assertEqual(docs, ["%{_docdir}/%{name}"])


if __name__ == "__main__":
    unittest.main()
