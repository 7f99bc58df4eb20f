"""The tests of the alert rules can fail: each of these wrong rules is refused by them."""

import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import needs, read, run  # noqa: E402

RULES = read("packaging/prometheus/ryumemd.rules.yml")
TESTS = read("packaging/prometheus/ryumemd.rules.test.yml")
HEAD = "      - alert: "

# For each alert what is put where, at the first place of its text. Not here is what makes no
# difference: whether a sum of counts is above 0, or their maximum.
WRONG = {
    "RyumemDown": [
        ('up{job="ryumemd"}', "up"),
        ("== 0", "== 1"),
        ("for: 2m", "for: 1m"),
        ("for: 2m", "for: 3m"),
        ("critical", "warning"),
    ],
    "RyumemOldestJobTooOld": [
        ("max by (job)", "sum by (job)"),
        ("max by (job)", "max by (job, instance)"),
        ("> 900", ">= 900"),
        ("> 900", "> 890"),
        ("> 900", "> 901"),
        ("for: 5m", "for: 4m"),
        ("for: 5m", "for: 6m"),
    ],
    "RyumemNoWorkerReady": [
        ("sum by (job)", "min by (job)"),
        ("sum by (job)", "sum by (job, instance)"),
        ('{state="ready"}', ""),
        ("== 0", "< 2"),
        ("for: 2m", "for: 1m"),
        ("for: 2m", "for: 3m"),
    ],
    "RyumemHostIdle": [
        ("sum by (job, instance)", "sum by (job)"),
        ('{state="ready"}', ""),
        ("== 0", "< 2"),
        ("and on (job)", "or on (job)"),
        ("and on (job)", "and on ()"),
        ('max_over_time(ryumem_workers{state="ready"}[10m])', 'ryumem_workers{state="ready"}'),
        ('max_over_time(ryumem_workers{state="ready"}', "max_over_time(ryumem_workers"),
        ("[10m]", "[20m]"),
        ("for: 15m", "for: 13m"),
        ("for: 15m", "for: 16m"),
    ],
    "RyumemCircuitOpen": [
        ('"open|half_open"', '"open"'),
        ('"open|half_open"', '"half_open"'),
        ('{state=~"open|half_open"}', ""),
        ("by (job, dependency)", "by (job)"),
        ("> 0", "> 1"),
        ("> 0", ">= 0"),
        ("for: 3m", "for: 2m"),
        ("for: 3m", "for: 4m"),
    ],
    "RyumemDeadLettersGrow": [
        ("> 5", ">= 5"),
        ("> 5", "> 3"),
        ("> 5", "> 6"),
        ("sum by (job)", "max by (job)"),
        ("sum by (job)", "sum by (job, instance)"),
        ('{outcome="buried"}', ""),
        ('increase(ryumem_jobs_total{outcome="buried"}[30m])\n          or ', ""),
        ("\n          or increase(ryumem_poison_jobs_total[30m])", ""),
        ('"}[30m]', '"}[20m]'),
        ('"}[30m]', '"}[1h]'),
        ("total[30m]", "total[20m]"),
        ("total[30m]", "total[1h]"),
    ],
    "RyumemCrashLoop": [
        ("max_over_time(ryumem_pool_degraded[2m])", "ryumem_pool_degraded"),
        ("[2m]", "[1m]"),
        ("[2m]", "[10m]"),
        ("== 1", "== 0"),
        ("by (job, instance)", "by (job)"),
        ("for: 1m", "for: 0m"),
        ("for: 1m", "for: 2m"),
    ],
    "RyumemWorkersDie": [
        ("exit|", ""),
        ("signal|", ""),
        ("hang|", ""),
        ("|spawn_failure", ""),
        ("exit|signal|hang|spawn_failure", "signal"),
        ('{reason=~"exit|signal|hang|spawn_failure"}', ""),
        ("> 5", ">= 5"),
        ("> 5", "> 6"),
        ("sum by", "max by"),
        ("by (job, instance)", "by (job)"),
        ("[1h]", "[30m]"),
        ("[1h]", "[2h]"),
    ],
    "RyumemHeartbeatStale": [
        ('{reason="hang"}', ""),
        ('"hang"', '"signal"'),
        ("by (job, instance)", "by (job)"),
        ("> 0\n", "> 1\n"),
        ("> 0\n", ">= 0\n"),
        ("[10m]", "[5m]"),
        ("[10m]", "[20m]"),
        ("increase(", "delta("),
        ("min_over_time", "max_over_time"),
        ("[2m]", "[1m]"),
        ("[2m]", "[3m]"),
        ("0.5 * ryumem_heartbeat_limit_seconds", "15"),
        ("> 0.5", ">= 0.5"),
        ("0.5 *", "0.4 *"),
        ("0.5 *", "0.6 *"),
    ],
    "RyumemSpendNearCap": [
        ("sum by (job, instance)", "max by (job, instance)"),
        ("sum by (job, instance) (ryumem_spent", "sum by (job) (ryumem_spent"),
        ('{of="all"}', ""),
        ('"}) > 0.8\n          or', '"}) >= 0.8\n          or'),
        ('"}) > 0.8\n          or', '"}) > 0.86\n          or'),
        ('{customer!="other"}', ""),
        ('{of="customer"}', ""),
        ('"customer"}) > 0.8', '"customer"}) >= 0.8'),
        ('"customer"}) > 0.8', '"customer"}) > 0.91'),
    ],
    "RyumemTokensNearCap": [
        ("sum by (job, instance)", "max by (job, instance)"),
        ("(ryumem_tokens_today)", '(ryumem_tokens_today{direction="in"})'),
        ('{of="all"}', ""),
        ('"}) > 0.8\n          or', '"}) >= 0.8\n          or'),
        ('"}) > 0.8\n          or', '"}) > 0.86\n          or'),
        ("sum by (job, instance, customer)", "max by (job, instance, customer)"),
        ('{customer!="other"}', ""),
        ('{of="customer"}', ""),
        ('"customer"}) > 0.8', '"customer"}) >= 0.8'),
        ('"customer"}) > 0.8', '"customer"}) > 0.85'),
    ],
    "RyumemJobsParked": [
        ("max by (job)", "sum by (job)"),
        ("max by (job)", "max by (job, instance)"),
        ('{state="parked"}', ""),
        ("> 0", "> 1"),
        ("> 0", ">= 0"),
        ("for: 10m", "for: 8m"),
        ("for: 10m", "for: 11m"),
    ],
    "RyumemRedisLost": [
        ("ryumem_redis_up", "min by (job) (ryumem_redis_up)"),
        ("== 0", "== 1"),
        ("for: 1m", "for: 0m"),
        ("for: 1m", "for: 2m"),
    ],
    "RyumemPaused": [
        ("max by (job)", "sum by (job)"),
        ("max by (job)", "min by (job)"),
        ("max by (job)", "max by (job, instance)"),
        ("== 1", "== 0"),
        ("for: 1h", "for: 58m"),
        ("for: 1h", "for: 61m"),
    ],
    "RyumemReloadRefused": [
        ("ryumem_config_last_reload_successful", "min by (job) (ryumem_config_last_reload_successful)"),
        ("== 0", "== 1"),
        ("warning", "critical"),
    ],
}


def made_wrong(alert, old, new):
    """The rules with one text of an alert replaced."""
    before, found, after = RULES.partition(f"{HEAD}{alert}\n")
    own, next_one, others = after.partition(HEAD)
    if not found or old not in own:
        raise ValueError(f"{alert} has no {old!r}")
    return before + found + own.replace(old, new, 1) + next_one + others


def tests_of(alert):
    """The tests that look at an alert, and the first, which looks at all: the rest would take long."""
    head, quiet, *others = re.split("^(?=  - interval:)", TESTS, flags=re.M)
    return head + quiet + "".join(one for one in others if f"alertname: {alert}" in one)


class WrongRulesTest(unittest.TestCase):
    def test_there_are_some_of_each_alert(self):
        self.assertEqual(set(WRONG), set(re.findall(f"^{HEAD}(\\w+)$", RULES, re.M)))

    @needs("promtool")
    def test_each_fails(self):
        with tempfile.TemporaryDirectory() as place:
            for alert, replacements in WRONG.items():
                self.assertEqual(self.tried(place, RULES, alert).returncode, 0, alert)
                for old, new in replacements:
                    with self.subTest(alert=alert, old=old, new=new):
                        result = self.tried(place, made_wrong(alert, old, new), alert)
                        self.assertEqual(result.returncode, 1, result.stdout)
                        # Not that a rule cannot be read: that would be no test of the tests.
                        self.assertRegex(result.stdout, r"(alertname|expr): .*, time: ")

    @staticmethod
    def tried(place, rules, alert):
        for name, text in (("ryumemd.rules.yml", rules), ("tests.yml", tests_of(alert))):
            with open(os.path.join(place, name), "w", encoding="utf-8") as file:
                file.write(text)
        return run("promtool", "test", "rules", "tests.yml", cwd=place)


if __name__ == "__main__":
    unittest.main()
