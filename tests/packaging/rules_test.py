"""The alert rules and the scrape example, as Prometheus' own tools see them."""

import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import ROOT, needs, program, read, run  # noqa: E402

PROMETHEUS = os.path.join(ROOT, "packaging/prometheus")
RULES = read("packaging/prometheus/ryumemd.rules.yml")
ALERTS = re.findall(r"^ *- alert: (\w+)$", RULES, re.M)


class RulesTest(unittest.TestCase):
    @needs("promtool")
    def test_promtool_takes_the_rules(self):
        result = run("promtool", "check", "rules", "ryumemd.rules.yml", cwd=PROMETHEUS)
        self.assertEqual(result.returncode, 0, result.stdout)

    @needs("promtool")
    def test_each_alert_fires_and_is_silent_as_its_test_says(self):
        result = run("promtool", "test", "rules", "ryumemd.rules.test.yml", cwd=PROMETHEUS)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_each_alert_has_a_time_when_it_fires_and_one_when_it_is_silent(self):
        tests = read("packaging/prometheus/ryumemd.rules.test.yml")
        fires = set(re.findall(r"^        alertname: (\w+)\n        exp_alerts:", tests, re.M))
        silent = set(re.findall(r"\{eval_time: \w+, alertname: (\w+)\}", tests))
        self.assertGreaterEqual(len(ALERTS), 8)
        self.assertEqual(fires, set(ALERTS))
        self.assertEqual(silent, set(ALERTS))

    @needs("promtool")
    def test_promtool_takes_the_scrape_example(self):
        text = read("packaging/prometheus/ryumemd.scrape.yml").replace("/etc/prometheus", PROMETHEUS)
        result = subprocess.run(["promtool", "check", "config", "/dev/stdin"], input=text, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_rules_and_dashboard_name_metrics_that_there_are(self):
        known = set(re.findall(r"\bryumem_[a-z_]+", run(program("ryumemd"), "--print-metrics").stdout))
        for name in ("prometheus/ryumemd.rules.yml", "grafana/ryumemd.json"):
            for metric in set(re.findall(r"\bryumem_[a-z_]+", read("packaging", name))):
                self.assertIn(re.sub(r"_bucket$", "", metric), known, name)

    def test_each_alert_has_its_part_in_the_runbook(self):
        runbook = read("docs/operations.md")
        for alert in ALERTS:
            self.assertIn(f"\n### {alert}\n", runbook)


if __name__ == "__main__":
    unittest.main()
