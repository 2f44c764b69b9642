"""Pages, tables, and figures as tables write them."""

import random
import types

from bench import page
from bench.figures import interval, interval_text, range_text, share_text, spread, spread_text
from bench.machine import describe

OPTIONS = types.SimpleNamespace(command_line="python3 Scripts/bench check counts --rounds 1")


def test_a_table_escapes_what_would_end_a_cell():
    assert page.table(["a", ""], [["x | y", 3], ["", "z"]]) == "| a | |\n|---|---|\n| x \\| y | 3 |\n| | z |"


def test_numbers_stand_to_the_right():
    assert page.table(["a", "b"], [], numbers=[1]).splitlines()[1] == "|---|---:|"


def test_rows_are_told_as_they_are_made(capsys):
    table = page.Table("name", "count")
    table.add("C", 5)
    assert capsys.readouterr().err == "| name | count |\n| C | 5 |\n"
    assert str(table) == "| name | count |\n|---|---|\n| C | 5 |"


def test_a_page_says_how_it_was_made(monkeypatch):
    monkeypatch.setattr(page, "measured_line", lambda: "2026-01-02, abc, Linux 6.1")
    text = page.compose("Title", "\nWords.\n", OPTIONS, "Section.\n", "", beside=["perf 6.1"], environment="A=… ")
    assert text == (
        "# Title\n\nWords.\n\n    A=… python3 Scripts/bench check counts --rounds 1\n\n2026-01-02, abc, Linux 6.1, perf 6.1\n\nSection.\n"
    )


def test_a_page_goes_to_a_file_or_to_standard_output(tmp_path, capsys):
    path = tmp_path / "new" / "page.md"
    page.write_page(str(path), "text\n")
    assert path.read_text() == "text\n"
    assert capsys.readouterr().out == ""
    page.write_page("-", "text\n")
    assert capsys.readouterr().out == "text\n"
    page.write_page(str(path), "other\n", prints=True)
    assert (path.read_text(), capsys.readouterr().out) == ("other\n", "other\n")


def test_lines_between_two_texts():
    lines = ["a", "OVER 1", "b", "elsewhere", "c", "OVER 2", "d"]
    assert list(page.lines_between(lines, "OVER", "elsewhere")) == ["OVER 1", "b", "elsewhere", "OVER 2", "d"]


def test_quoted_lines_have_four_blanks():
    assert page.indented(["a", "  b"]) == "    a\n      b"


def test_a_spread_is_median_and_quartiles():
    assert spread([4, 1, 3, 2, 5]) == {"median": 3, "p25": 2, "p75": 4, "n": 5}
    assert spread([7]) == {"median": 7, "p25": 7, "p75": 7, "n": 1}
    assert spread([]) is None
    assert spread_text(spread([1, 2, 3]), 1) == "2.0 (1.5–2.5)"
    assert spread_text(None) == "–"


def test_a_range_is_least_and_most():
    assert range_text([3, 1, 2], " ms", 1) == "2.0 ms (1.0–3.0)"


def test_an_interval_leaves_out_either_end():
    random.seed(1)
    values = list(range(1, 100))
    middle, low, high = interval(values)
    assert middle == 50
    assert 38 <= low < 50 < high <= 62
    wide = interval(values, part=0.0)
    assert wide[1] < low
    assert wide[2] > high
    assert interval_text((1, 0.5, 1.25), 2) == "1.00 [0.50-1.25]"


def test_a_share_is_never_rounded_up():
    assert share_text(9999, 10000) == "9999 of 10000, 99.9%"
    assert share_text(300, 300) == "300 of 300, 100.0%"
    assert share_text(0, 0) == "-"


def test_a_machine_is_one_line():
    cpus, memory = "processor : 0\nmodel name\t: AMD EPYC\n", "MemTotal:       24639812 kB\n"
    assert describe("6.18.44-fc-v1", 2, cpus, memory) == "Linux 6.18.44, 2 × AMD EPYC, 23 GiB"
