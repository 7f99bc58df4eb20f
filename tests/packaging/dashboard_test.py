"""Every query of the dashboard gives data, asked of a real Prometheus that reads a working daemon."""

import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fleet import Fleet, await_that  # noqa: E402
from support import needs, read  # noqa: E402

DASHBOARD = json.loads(read("packaging/grafana/ryumemd.json"))


def queries():
    """(title of the panel, query), with Grafana's variables filled in."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")
            yield panel["title"], query


class DashboardTest(unittest.TestCase):
    def test_uses_the_variables_that_it_has_and_no_others(self):
        names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
        self.assertEqual(names, {"datasource", "instance"})
        for title, query in queries():
            self.assertNotIn("$", query, title)

    def test_panels_do_not_lie_on_each_other(self):
        taken = {}
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertIsNone(taken.get((x, y)), panel["title"])
                    taken[x, y] = panel["title"]

    @needs("prometheus")
    def test_every_query_gives_data(self):
        with Fleet() as fleet:
            fleet.work()
            for title, query in queries():
                await_that(f"{title}: {query}", lambda q=query: fleet.query(q))


if __name__ == "__main__":
    unittest.main()
