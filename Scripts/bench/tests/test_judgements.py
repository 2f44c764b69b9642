"""What checks and benchmarks make of their figures."""

import pytest

from bench.article.verdict import decide
from bench.benchmarks.recorders import goals, order
from bench.benchmarks.report import differences as report_differences
from bench.benchmarks.report import judge as judge_report
from bench.checks import gdb, paths
from bench.checks.compare import judge as judge_comparisons
from bench.checks.compare import plan
from bench.checks.lifecycle.comparison import Tally
from bench.checks.loss import counted_samples
from bench.checks.other_rules import rank_sum_p, rules
from bench.checks.perf_compat import differences
from bench.checks.stack_counts import count_folded, count_perf
from bench.strace import two_runs
from bench.strace.verdict import DIFFERENT, EQUAL, LIMIT, Verdict, undecided


def test_rounds_that_disagree_decide_nothing():
    assert decide(["refuted", "refuted"]) == ("refuted", None)
    verdict, reason = decide(["refuted", "partly", "refuted"])
    assert (verdict, reason) == ("undecided", "the rounds disagree: 1 × partly, 2 × refuted")


def test_a_known_limit_is_good():
    assert Verdict([1], DIFFERENT).as_known_limit().is_good
    assert Verdict([1], EQUAL).as_known_limit().verdict == EQUAL
    assert not undecided(2, "a", ValueError("b")).as_known_limit().is_good


def test_runs_are_counted_by_verdict():
    tally = Tally()
    for verdict in (EQUAL, DIFFERENT, LIMIT):
        tally.count(Verdict([], verdict), 2)
    assert tally.text == "2 of 6 runs are equal, 2 differ by a known limit."
    assert tally.different == 2


SPAWN = {"pid": 5, "ppid": 4, "method": "fork", "outcome": "executed", "path": "/bin/true", "status": 0, "phases": {"reap": 1}}
TOTALS = dict.fromkeys(two_runs.TOTALS, 0) | {"spawns": 1, "execs": 1}


def report(**changes):
    return {"totals": dict(TOTALS), "session": {"lost": 0}, "spawns": [{**SPAWN, **changes}]}


def expected(**changes):
    flags = {"signal": None, "unreaped": False, "orphaned": False, "unfinished": False, "reaped": True, "parent": "[root]"}
    return {"totals": dict(TOTALS), "spawns": [{**SPAWN, **flags, **changes}]}


def test_equal_runs_have_no_differences():
    assert list(two_runs.differences(report(), expected(), 1)) == []


def test_a_spawn_that_differs_is_told_from_both_sides():
    found = list(two_runs.differences(report(status=3), expected(), None))
    assert [text.split(":")[0] for text in found] == ["only in the report", "only in strace"]
    assert "status 3" in found[0]


def test_what_was_lost_and_what_the_program_says_count():
    lossy = report() | {"session": {"lost": 2}}
    assert list(two_runs.differences(lossy, expected(), 7)) == ["lost: 2", "spawns: the report has 1, the program says 7"]


def test_a_timer_s_signal_may_be_unknown():
    (found,) = two_runs.differences(report(status=None), expected(status=None, signal=14), None)
    assert found.startswith(two_runs.TOLD_LIMIT)
    found = list(two_runs.differences(report(status=None), expected(status=None, signal=9), None))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("base", "head", "expectation"),
    [([1, 2, 3], [1, 2, 3], 1), ([1, 2, 3], [4, 5, 6], 0.1), ([1, 2, 3, 4], [5, 6, 7, 8], 2 / 70)],
)
def test_the_rank_sum_test(base, head, expectation):
    assert rank_sum_p(base, head) == pytest.approx(expectation)


def test_other_rules():
    assert rules([1.0, 1.01, 0.99, 1.0], [1.2, 1.21, 1.19, 1.2]) == {"threshold": True, "hyperfine": True, "benchstat": True}
    assert rules([1.0, 1.1, 0.9, 1.0], [1.0, 1.1, 0.9, 1.0]) == {"threshold": False, "hyperfine": False, "benchstat": False}


def comparison(kind, percent, number, status):
    values = {metric: [[1.0, 1.1, 0.9], [1.0, 1.1, 0.9]] for metric in ("duration", "overhead")}
    line = {"kind": kind, "percent": percent, "number": number, "runs": 3, "status": status, "by_times": 0}
    return {**line, "values": values, "problems": []}


def test_false_alarms_and_changes_that_were_not_found():
    sizes = [{"kind": "shell", "percent": 10, "size": 10}]
    found = [comparison("shell", 10, number, 1) for number in range(10)]
    same = [comparison("same", 0, number, 0) for number in range(10)]
    rows, remark, is_bad = judge_comparisons([*sizes, *found, *same])
    assert not is_bad
    assert [row[:2] for row in rows] == [["the same", 10], ["+10%, 10 % of the spawns by a shell", 10]]
    assert remark.startswith("Of 20 comparisons 0 ")
    assert judge_comparisons([*sizes, *found, comparison("same", 0, 0, 1)])[2]
    assert judge_comparisons([*sizes, *found[:8], *(comparison("shell", 10, number, 0) for number in (8, 9))])[2]


def test_the_plan_has_each_comparison_once():
    class Options:
        same, slower = 4, 5

    names = plan(Options)
    assert len(names) == len(set(names)) == 4 + 2 * 5
    assert [name[1] for name in names[:2]] == ["environment", "environment"]


def test_stacks_that_reach_their_outermost_frame():
    lines = ["_start;main;fork 3", "main;fork 2", "clone3;run 1", "clone3 1", "[tool];x 1"]
    assert count_folded(lines, ["/usr/bin/tool"]) == (5, 8)
    script = ["7f0001 fork+0x1 (/lib)", "401010 [unknown] (/bin/a)", "", "401000 main+0x2 (/bin/a)", ""]
    assert count_perf(script, {"/bin/a": 0x000}) == (1, 2)


def test_known_paths_are_compared():
    lines = [";".join(("_start", "__libc_start_main", *path)) + " 2" for path in paths.expected()]
    verdict, problems = paths.compare(lines, 2)
    assert (verdict, problems) == ("200 spawns, 100 of 100 paths, 0 problems.", [])
    _, problems = paths.compare([lines[0].replace(";main;", ";other;"), *lines[1:]], 2)
    assert any(problem.startswith("0 instead of 2 of main;") for problem in problems)
    _, problems = paths.compare([lines[0].replace("enter_inner;", "enter_inner;memcpy;"), *lines[1:]], 2)
    assert any("memcpy is not called by enter_inner" in problem for problem in problems)


def test_gdb_s_names_are_any_of_a_frame(capsys):
    assert gdb.compare("_start;main;fork@plt 1\n", [{"_start"}, {"main", "a"}, {"fork", "__fork"}]) == ("3", True)
    assert gdb.compare("_start;main 1\n", [{"_start"}, {"other"}]) == ("2 frames, gdb has 2", False)
    assert "main | other" in capsys.readouterr().err


def test_samples_of_counted_events():
    assert counted_samples("  dummy: 4, 0\n  task:task_newtask: 3, 0\n  spawnscope:image_sizes: 2, 0\n") == 5


def test_lines_that_one_side_has_more_often():
    assert differences(["a 1", "a 1", "b 1"], ["a 1", "c 1"]) == ["< a 1", "< b 1", "> c 1"]


def run(seconds, kibibytes):
    return {"wall_s": seconds, "peak_rss_kib": kibibytes}


def test_a_report_s_cost_is_flat_or_grows():
    cells = {("text", 10): (2**20, [run(1, 1024)], 10), ("text", 100): (10 * 2**20, [run(12, 1100)], 10)}
    rows, growth, is_flat = judge_report(cells)
    assert is_flat
    assert rows[0][:5] == ["text", 10, "1", "1.00 (1.00–1.00)", "1"]
    assert growth == ["- text: over 10 times the session, 1.20 times the seconds per MiB and 1.07 times the memory: flat"]
    cells["text", 100] = (10 * 2**20, [run(14, 1100)], 10)
    assert not judge_report(cells)[2]


def test_a_repeated_session_has_a_multiple_of_everything():
    names = ("spawns", "execs", "forked", "failed", "failed_attempts", "unreaped", "orphaned", "unfinished")
    small = {"totals": dict.fromkeys(names, 2), "phases": {"exec": {"count": 2, "sum_ns": 10}}, "callsites": [1, 2]}
    large = {"totals": dict.fromkeys(names, 6), "phases": {"exec": {"count": 6, "sum_ns": 30}}, "callsites": [1, 2]}
    assert list(report_differences(small, large, 3)) == []
    large["phases"]["exec"]["sum_ns"], large["callsites"] = 31, [1]
    assert len(list(report_differences(small, large, 3))) == 2


def test_who_is_ahead_is_told_beyond_the_noise():
    assert order.ahead((1, 2, 3), (4, 5, 6)) == -1
    assert order.ahead((4, 5, 6), (1, 2, 3)) == 1
    assert order.ahead((1, 2, 3), (2.9, 5, 6)) == 0
    assert order.ahead((1, 2, 3), (3.2, 5, 6), noise=0.2) == 0


def loop_document(callsites, perf):
    rows = [{"tool": "callsites", "whole": {"median": callsites}}, {"tool": "perf-g", "whole": {"median": perf}}]
    return {"sections": {"loop": {"rows": rows}}}


def test_goals_are_met_missed_or_not_measured():
    first, second = goals.loop_goals(loop_document(1.04, 1.2))
    assert (first["met"], first["figure"]) == (True, "1.040; perf 1.200")
    assert (second["met"], second["figure"]) == (None, "not measured")
    assert next(goals.loop_goals(loop_document(1.08, 1.2)))["note"] == "0.03 over"
    assert next(goals.loop_goals(loop_document(1.04, 1.01)))["met"] is False
