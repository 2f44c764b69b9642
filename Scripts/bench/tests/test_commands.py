"""Names, options and the command line that a page tells."""

import argparse
import types

import pytest

from bench import commands
from bench.failure import Failure
from bench.options import Parser


def parse(add, words):
    parser = Parser(prog="bench")
    add(parser)
    return parser.parse_args(words)


def refused(capsys, add, *words):
    with pytest.raises(SystemExit) as ended:
        parse(add, words)
    assert ended.value.code == 64
    return capsys.readouterr().err


def test_a_number_has_a_least_value(capsys):
    assert parse(lambda parser: parser.number("--rounds", 3, "rounds"), ["--rounds", "12"]).rounds == 12
    for word in ("0", "-1", "two", "1.5", ""):
        assert "needs a number from 1" in refused(capsys, lambda parser: parser.number("--rounds", 3, "rounds"), f"--rounds={word}")


def test_numbers_are_separated_by_commas(capsys):
    assert parse(lambda parser: parser.numbers("--sizes", [1], "sizes"), ["--sizes", "10,100"]).sizes == [10, 100]
    refused(capsys, lambda parser: parser.numbers("--sizes", [1], "sizes"), "--sizes", "10,,100")


def test_names_are_known_ones(capsys):
    def add(parser):
        parser.names("--tools", ["perf", "strace"], "tools")

    assert parse(add, []).tools == ["perf", "strace"]
    assert parse(add, ["--tools", "strace"]).tools == ["strace"]
    assert "unknown: gdb" in refused(capsys, add, "--tools", "perf,gdb")


def test_any_number_of_arguments_of_a_list(capsys):
    def add(parser):
        parser.some_of("releases", ("sid", "trixie"), "all without")

    assert parse(add, []).releases == []
    assert parse(add, ["sid", "trixie"]).releases == ["sid", "trixie"]
    assert "unknown: etch" in refused(capsys, add, "etch")


def test_options_are_not_abbreviated(capsys):
    refused(capsys, lambda parser: parser.number("--rounds", 3, "rounds"), "--round", "2")


def test_the_default_page_is_in_results():
    assert parse(lambda parser: parser.output("Results/counts.md"), []).output.endswith("/Results/counts.md")
    assert parse(lambda parser: parser.output("-"), []).output == "-"
    assert parse(lambda parser: parser.output(None), []).output is None


@pytest.fixture
def command(monkeypatch):
    """A command of its own, whose options are kept."""
    module = types.ModuleType("command", "It is measured: so.")
    module.add_options = lambda parser: parser.text("--only", "a text", default="")
    module.run = lambda options: setattr(module, "options", options)
    monkeypatch.setattr(commands.importlib, "import_module", lambda name: module)
    return module


def test_the_command_line_can_be_typed_again(command):
    assert commands.main(["check", "counts", "--only", "C, fork"]) == 0
    assert command.options.command_line == "python3 Scripts/bench check counts --only 'C, fork'"
    command.CALLED = "Scripts/counts.sh"
    assert commands.main(["check", "counts"]) == 0
    assert command.options.command_line == "Scripts/counts.sh"


def test_a_failure_is_one_line_and_a_status(command, capsys):
    def fail(options):
        raise Failure("no root", 77)

    command.run = fail
    assert commands.main(["check", "counts"]) == 77
    assert capsys.readouterr().err == "bench check counts: no root\n"


@pytest.mark.parametrize("words", [[], ["walk"], ["check"], ["check", "nothing"], ["run", "counts"]])
def test_what_is_no_command_is_refused(words, capsys):
    assert commands.main(words) == 64
    assert capsys.readouterr().out == ""


def test_every_command_has_a_summary_and_options():
    lines = commands.listing().splitlines()
    assert len(lines) == sum(map(len, commands.KINDS.values()))
    assert all(len(line.split(None, 2)) == 3 for line in lines)
    for modules in commands.KINDS.values():
        for name in modules.values():
            commands.importlib.import_module(name).add_options(Parser(prog="bench"))


def test_the_first_sentence_is_the_summary():
    assert commands.summary("It holds: or not. More\ntext.") == "It holds"
    assert commands.summary("Of v6.1\nas well. More") == "Of v6.1 as well"


def test_expectations_of_the_article():
    from bench.article.command import expectation

    assert expectation("10=refuted") == ("10", "refuted")
    for text in ("10", "10=maybe", "77=refuted"):
        with pytest.raises(argparse.ArgumentTypeError):
            expectation(text)
