"""The order of rounds, and what is beside what."""

from bench.benchmarks.loops import ratios as loop_ratios
from bench.benchmarks.recorders.ratios import ratios, rows_of
from bench.rounds import alternating, beside_bare, interleaved, rotated


class Clock:
    """Gives each measurement its number, and keeps what was measured."""

    def __init__(self, failing=()):
        self.measured, self.failing = [], failing

    def __call__(self, tool, variant=None):
        self.measured.append(tool if variant is None else f"{tool}/{variant}")
        return None if tool in self.failing else len(self.measured)


def test_every_other_round_goes_backwards():
    assert alternating("abc", 0) == ["a", "b", "c"]
    assert alternating("abc", 1) == ["c", "b", "a"]


def test_the_first_moves_on():
    assert [rotated("abc", number, 6)[0] for number in range(0, 6, 2)] == ["a", "b", "c"]
    assert all(sorted(rotated("abc", number, 7)) == ["a", "b", "c"] for number in range(7))


def test_each_item_is_measured_in_each_round():
    order = []
    found = interleaved("ab", lambda item, number: order.append(item) or (item, number), 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [("a", 0), ("a", 1), ("a", 2)], "b": [("b", 0), ("b", 1), ("b", 2)]}


def test_who_takes_no_part_has_fewer_results():
    found = interleaved("ab", lambda item, number: number, 3, lambda item, number: item == "a" or number < 1)
    assert found == {"a": [0, 1, 2], "b": [0]}


def test_a_tool_stands_between_bare_runs():
    clock = Clock()
    found = list(beside_bare("bare", ["x", "y"], clock, 1))
    assert clock.measured == ["bare", "bare", "x", "bare", "y", "bare"]
    assert found == [(0, "x", 3, (2, 4)), (0, "bare", 4, (2, 2)), (0, "y", 5, (4, 6)), (0, "bare", 6, (4, 4))]


def test_several_tools_share_bare_runs():
    clock = Clock()
    found = list(beside_bare("bare", ["x", "y", "z"], clock, 1, bare_every=2))
    assert clock.measured == ["bare", "bare", "x", "y", "bare", "z", "bare"]
    assert [entry for entry in found if entry[1] != "bare"] == [(0, "x", 3, (2, 5)), (0, "y", 4, (2, 5)), (0, "z", 6, (5, 7))]


def test_bare_may_be_one_of_the_tools():
    clock = Clock()
    found = list(beside_bare("bare", ["bare", "x"], clock, 1))
    assert clock.measured == ["bare", "bare", "bare", "bare", "x", "bare"]
    assert found == [(0, "bare", 3, (2, 4)), (0, "x", 5, (4, 6))]


def test_a_variant_has_bare_runs_of_its_own():
    clock = Clock()
    list(beside_bare("bare", ["x", "y"], clock, 1, bare_every=2, variant={"x": 1, "y": 2, "bare": 1}.get))
    assert clock.measured == ["bare/1", "bare/1", "x/1", "bare/1", "bare/2", "y/2", "bare/2"]


def test_what_fails_is_left_out():
    found = list(beside_bare("bare", ["x", "y"], Clock(failing=("x",)), 1))
    assert [tool for _, tool, _, _ in found] == ["bare", "y", "bare"]


def test_slow_tools_take_part_in_few_rounds():
    found = beside_bare("bare", ["x", "slow"], Clock(), 3, takes_part=lambda tool, number: tool != "slow" or number < 1)
    assert [number for number, tool, _, _ in found if tool == "slow"] == [0]


STEP = {"cpu_s": 3.0, "recorder_s": 1.0, "machine_s": 4.0, "wall_s": 6.0, "p50_us": 30, "p99_us": 80, "late": 1, "made": 4}
BARES = [{**STEP, "cpu_s": 1.5, "p99_us": 30}, {**STEP, "cpu_s": 2.5, "p99_us": 50}]


def test_ratios_are_to_the_mean_of_the_bare_runs():
    found = ratios(STEP, BARES)
    assert (found["cpu"], found["wall"], found["p99"], found["p99_us"], found["late"]) == (2.0, 1.0, 2.0, 80, 0.25)
    assert dict(loop_ratios(STEP, 0.5, BARES))["whole"] == 1.75


def test_steps_without_a_column_are_left_out():
    class Tool:
        key = "perf"

    turns = [(0, Tool, {"steps": {"a": STEP, "b": STEP}}, ({"steps": {"a": BARES[0]}}, {"steps": {"a": BARES[1]}}))]
    (row,) = rows_of(turns, column=lambda tool, name: "first" if name == "a" else None)
    assert row["tool"] == "perf"
    assert list(row["steps"]) == ["first"]
    assert row["steps"]["first"]["cpu"]["median"] == 2.0
