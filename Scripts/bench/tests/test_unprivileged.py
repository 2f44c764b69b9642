"""How recordings without rights are judged."""

import unittest

from bench.checks.unprivileged import budgets, facts, places
from bench.checks.unprivileged.budgets import Verdicts
from bench.checks.unprivileged.site import Judged, Rung, Site
from bench.strace.verdict import EQUAL, TOTALS

MISSING = ["wake, failed creations: no returns of clone", "prepare, failed attempts: no execve", "reap, unreaped: no wait4"]
WRITTEN = """schema: spawnscope.budget/1
budgets:
  - name: whole run
    spawns: 3
    execs: 2
    forked: 0
    failed: 1
    failed_attempts: 4

  # Programs, by the last part of their path
  - name: "sh"
    program: "sh"
    spawns: 1

  # Call sites
  - name: "at main"
    callsite: "main"
    spawns: 2
"""


def spawn(pid, *programs, ppid=1, **more):
    told = [{"path": path} for path in programs]
    path = {"path": programs[0]} if programs else {}
    return {
        "pid": pid,
        "ppid": ppid,
        "execs": len(programs),
        "programs": told,
        **({"outcome": "executed"} if programs else {}),
        **path,
        **more,
    }


def of_strace(*programs, parent="[root]", **more):
    flags = {"orphaned": False, "unfinished": False}
    return {"execs": len(programs), "programs": list(programs), "parent": parent, **flags, **more}


def report(*spawns, **totals):
    known = {"spawns": len(spawns), "execs": sum(each["execs"] for each in spawns), "orphaned": 0, "unfinished": 0}
    return {"session": {"recorder": "inherited", "lost": 0, "missing": MISSING}, "totals": known | totals, "spawns": list(spawns)}


def expected(*spawns, **totals):
    known = dict.fromkeys(TOTALS, 0) | {"spawns": len(spawns), "execs": sum(each["execs"] for each in spawns)}
    return {"totals": known | totals, "spawns": list(spawns)}


def found(ours, theirs, recorder="inherited"):
    return list(facts.differences(ours, theirs, recorder, None))


class Inherited(unittest.TestCase):
    def test_programs_are_known_by_their_last_part(self):
        ours = report(spawn(2, "/usr/bin/true"), spawn(3, "spawnscope-scri"))
        self.assertEqual(found(ours, expected(of_strace("./true"), of_strace("/tmp/spawnscope-script"))), [])
        self.assertEqual(len(found(ours, expected(of_strace("./false"), of_strace("/tmp/spawnscope-script")))), 2)

    def test_a_descriptor_says_no_name(self):
        ours = report(spawn(2, "/usr/bin/true"))
        self.assertEqual(found(ours, expected(of_strace("/dev/fd/3"))), [])
        self.assertEqual(found(ours, expected(of_strace("/dev/fd/3/true"))), [])
        self.assertEqual(len(found(ours, expected(of_strace("/dev/fd/3", orphaned=True)))), 2)

    def test_a_sibling_may_be_told_as_its_maker_s_child(self):
        ours = report(spawn(2, "/bin/sh", orphaned=True), orphaned=1)
        (only,) = found(ours, expected(of_strace("/bin/sh", sibling=True)))
        self.assertTrue(only.startswith("limit: 1 orphaned"))
        self.assertEqual(len(found(ours, expected(of_strace("/bin/sh", sibling=False)))), 3)

    def test_spawners_are_compared(self):
        ours = report(spawn(2, "/bin/sh"), spawn(3, "/bin/true", ppid=2))
        theirs = expected(of_strace("/usr/bin/sh"), of_strace("/bin/true", parent="/usr/bin/sh"))
        self.assertEqual(found(ours, theirs), [])
        self.assertEqual(len(found(ours, expected(of_strace("/usr/bin/sh"), of_strace("/bin/true")))), 2)

    def test_a_sum_that_is_told_has_to_be_right(self):
        self.assertEqual(found(report(spawn(2)), expected(of_strace(), failed=1)), [])
        self.assertEqual(found(report(spawn(2), forked=1), expected(of_strace(), failed=1)), ["forked: the report has 1, strace 0"])

    def test_what_is_absent_is_said(self):
        ours = report(spawn(2))
        ours["session"]["missing"] = MISSING[:2]
        self.assertEqual(found(ours, expected(of_strace())), ["nothing says that unreaped is absent"])
        del ours["totals"]["execs"]
        self.assertIn("execs is absent", found(ours, expected(of_strace())))

    def test_what_cannot_be_known_must_not_be_told(self):
        self.assertEqual(found(report(spawn(2, status=0)), expected(of_strace())), ["tells status, which it cannot know"])
        self.assertEqual(len(found(report(spawn(2, outcome="forked", failed_attempts=0)), expected(of_strace()))), 2)

    def test_another_recorder_is_wrong(self):
        self.assertEqual(found(report(), expected(), "traced")[0], "recorded by inherited")

    def test_a_program_may_do_otherwise_for_root(self):
        told = expected(of_strace("/bin/true"))["totals"]
        self.assertTrue(facts.does_same(told, {"spawns": 1, "execs": 1}))
        self.assertFalse(facts.does_same(told, {"spawns": 2, "execs": 2}))

    def test_a_log_that_is_not_there_decides_nothing(self):
        verdict = facts.compare("{}", "/nonexistent/log", "inherited", None)
        self.assertNotEqual(verdict.verdict, EQUAL)
        self.assertFalse(verdict.is_good)


def verdicts(status, **limits):
    budget = {"name": "whole run", "line": 3}
    return Verdicts(status, {(3, name): (verdict, budget) for name, verdict in limits.items()})


class Budgets(unittest.TestCase):
    def test_files_have_what_a_recorder_tells(self):
        told = budgets.without_untold(WRITTEN, "traced")
        self.assertNotIn("failed_attempts", told)
        self.assertIn("execs: 2", told)
        self.assertIn("callsite", told)
        told = budgets.without_untold(WRITTEN, "inherited")
        self.assertEqual(budgets.NUMBER.findall(told), [("spawns", "3"), ("execs", "2"), ("spawns", "1")])

    def test_every_limit_that_can_be_is_exceeded(self):
        numbers = dict(budgets.NUMBER.findall(budgets.tightened(WRITTEN).partition("# Programs")[0]))
        self.assertEqual(numbers, {"spawns": "2", "execs": "1", "forked": "0", "failed": "0", "failed_attempts": "3"})

    def test_verdicts_are_roots(self):
        held = budgets.compare(verdicts(1, spawns="over"), verdicts(1, spawns="over"), "traced")
        self.assertEqual((held.same, held.untold, held.wrong), (1, 0, []))
        held = budgets.compare(verdicts(1, spawns="over"), verdicts(0, spawns="within"), "traced")
        self.assertEqual(held.wrong, ["whole run, spawns: within, root's over"])

    def test_what_is_not_told_is_said(self):
        root = verdicts(0, spawns="within", failed_attempts="within")
        held = budgets.compare(root, verdicts(3, spawns="within", failed_attempts="unknown"), "traced")
        self.assertEqual((held.same, held.untold, held.wrong), (1, 1, []))
        held = budgets.compare(root, verdicts(3, spawns="unknown", failed_attempts="unknown"), "traced")
        self.assertEqual(len(held.wrong), 1)

    def test_a_limit_may_be_left_out_only_if_it_is_not_told(self):
        held = budgets.compare(verdicts(0, unreaped="within"), verdicts(0), "inherited")
        self.assertEqual((held.untold, held.wrong), (1, []))
        self.assertEqual(len(budgets.compare(verdicts(0, unreaped="within"), verdicts(0), "traced").wrong), 1)

    def test_the_exit_status_follows(self):
        held = budgets.compare(verdicts(0, spawns="within"), verdicts(3, spawns="within"), "traced")
        self.assertEqual(held.wrong, ["exits with 3, which does not follow from its limits"])

    def test_an_implied_limit_that_is_not_told_decides_nothing(self):
        root = verdicts(1, spawns="within", unreaped="over")
        self.assertEqual((budgets.status_of_told(root, "traced"), budgets.status_of_told(root, "inherited")), (1, 0))

    def test_a_script_s_long_name_is_cut(self):
        budget = {"name": "s", "line": 3, "program": "spawnscope-script"}
        root, ours = (Verdicts(1, {(3, "spawns"): (verdict, budget)}) for verdict in ("over", "within"))
        held = budgets.compare(root, Verdicts(0, ours.limits), "inherited")
        self.assertEqual((held.untold, held.wrong), (1, []))

    def test_what_a_descriptor_executed_may_have_another_name(self):
        spawns = [spawn(2, "/dev/fd/3"), spawn(3, "/bin/true")]
        spawns[0]["programs"][0]["file"] = "/usr/bin/true"
        names = budgets.files_of_descriptors({"spawns": spawns})
        self.assertEqual(names, {"true"})
        budget = {"name": "true", "line": 3, "program": "true"}
        root, ours = (Verdicts(1, {(3, "spawns"): (verdict, budget)}) for verdict in ("over", "within"))
        self.assertEqual(budgets.compare(root, Verdicts(0, ours.limits), "inherited", names).wrong, [])
        self.assertEqual(len(budgets.compare(root, Verdicts(0, ours.limits), "inherited").wrong), 1)


class Done:
    def __init__(self, returncode, stderr=""):
        self.returncode, self.stderr = returncode, stderr


class Rungs(unittest.TestCase):
    def test_what_is_counted(self):
        rung = Rung("traced")
        for judged in (Judged(), Judged(is_otherwise=True), Judged(["a"]), Judged(is_limited=True)):
            rung.count(judged)
        self.assertEqual((rung.programs, rung.equal, rung.limited, rung.wrong, rung.otherwise), (4, 2, 1, 1, 1))

    def test_cells(self):
        cells = [Judged().cell, Judged(["a", "b"]).cell, Judged(is_otherwise=True).cell]
        self.assertEqual(cells, ["equal", "different: a", "equal; does otherwise"])


class Sites(unittest.TestCase):
    FINE = "ok       traced recorder: ptrace(2) may follow a command\nlimited  inherited recorder: kernel.perf_event_paranoid is 3\n"

    def compare(self, recorder, done):
        site, rung = Site("user", [], ""), Rung(recorder)
        site.compare_doctor(self.FINE, rung, done)
        return rung.wrong

    def test_doctor_and_record_agree(self):
        self.assertEqual(self.compare("traced", Done(0)), 0)
        self.assertEqual(self.compare("traced", Done(125, "spawnscope: no\n")), 1)
        self.assertEqual(self.compare("inherited", Done(125, "spawnscope: no\n")), 0)
        self.assertEqual(self.compare("inherited", Done(0)), 1)

    def test_each_place_has_a_title_and_needs(self):
        self.assertEqual(set(places.TITLES), set(places.NEEDS))


if __name__ == "__main__":
    unittest.main()
