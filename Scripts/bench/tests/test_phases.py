"""Phases beside a program's stamps."""

import copy
import unittest

from bench.checks import phase_borders

PHASES = {"create": 60_000, "wake": 40_000, "prepare": 2_000_000, "search": 1_500_000, "exec": 300_000, "run": 4_700_000, "reap": 3_000_000}
REPORT = {
    "session": {"lost": 0},
    "totals": {"failed_attempts": 10},
    "spawns": [{"pid": pid, "start_ns": 1_000_000, "total_ns": sum(PHASES.values()), "phases": dict(PHASES)} for pid in (11, 12)],
}
STAMP = {"before_create": 998_000, "child_began": 1_110_000, "first_attempt": 3_110_000, "last_attempt": 4_610_000,
         "main_began": 5_300_000, "before_exit": 9_600_000, "after_wait": 12_610_000}  # fmt: skip
STAMPS = {"misses": 5, "resident_mib": 0, "spawns": [{"pid": pid, **STAMP} for pid in (11, 12)]}


class CheckPhases(unittest.TestCase):
    def setUp(self):
        self.report, self.stamps = copy.deepcopy(REPORT), copy.deepcopy(STAMPS)

    def problems(self):
        return phase_borders.compare("name", self.report, self.stamps)[1]

    def set_phase(self, name, value):
        for spawn in self.report["spawns"]:
            spawn["total_ns"] += value - spawn["phases"][name]
            spawn["phases"][name] = value

    def test_what_agrees_is_six_rows_and_no_problem(self):
        rows, problems = phase_borders.compare("name", self.report, self.stamps)
        self.assertEqual((len(rows), problems), (6, []))

    def test_a_phase_may_be_out_by_its_share_or_by_its_bound_but_not_by_both(self):
        for value, expected in ((1_640_000, 0), (1_700_000, 1)):
            self.set_phase("search", value)
            self.assertEqual(sum("outside" in problem for problem in self.problems()), expected, value)
        for stamp in self.stamps["spawns"]:
            stamp["first_attempt"] = stamp["last_attempt"] - 10_000
            stamp["child_began"] = stamp["first_attempt"] - 2_000_000
        self.set_phase("search", 35_000)
        self.assertFalse(any("| search |" in problem for problem in self.problems()))
        self.set_phase("search", 45_000)
        self.assertTrue(any("| search |" in problem for problem in self.problems()))

    def test_single_spawns_are_judged_by_their_median_not_by_their_sum(self):
        self.assertIn("within", phase_borders.row("n", "search", [10, 10, 9_000_000], [10, 10, 10], 30)[0])

    def test_a_spawn_that_is_missing_or_unknown(self):
        self.report["spawns"][0]["pid"] = 99
        self.assertEqual(len(self.problems()), 1)

    def test_a_phase_that_is_missing_or_a_sum_that_is_wrong(self):
        del self.report["spawns"][0]["phases"]["wake"]
        self.report["spawns"][1]["total_ns"] += 1
        self.assertEqual([problem.split(":")[0] for problem in self.problems()], ["11", "12"])

    def test_lost_events_and_other_attempts(self):
        self.report["session"]["lost"] = 1
        self.report["totals"]["failed_attempts"] = 9
        self.assertEqual(len(self.problems()), 2)

    def test_another_clock(self):
        for spawn in self.report["spawns"]:
            spawn["start_ns"] += 10**9
        self.assertEqual(len(self.problems()), 1)
