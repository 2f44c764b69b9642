"""Public symbols without a doc comment are found in symbol graphs."""

import json
import types

import pytest

from bench.checks import public_symbols
from bench.failure import Failure

FILE = "file:///s/A.swift"


def symbol(name, *lines, precise=None, line=3):
    made = {
        "identifier": {"precise": precise or f"s:{name}"},
        "pathComponents": name.split("."),
        "location": {"uri": FILE, "position": {"line": line}},
    }
    written = {"docComment": {"uri": FILE, "lines": [{"text": text} for text in lines]}}
    return made | (written if lines else {})


def check(directory, *modules):
    return public_symbols.run(types.SimpleNamespace(directory=directory, modules=modules))


def write(directory, name, *symbols):
    (directory / "below").mkdir(exist_ok=True)
    (directory / "below" / f"{name}.symbols.json").write_text(json.dumps({"symbols": symbols}))


def test_a_module_whose_symbols_have_words_passes(tmp_path, capsys):
    write(tmp_path, "A", symbol("S", "A struct."), symbol("S.x", "", "In bytes."))
    assert check(tmp_path, "A") == 0
    assert capsys.readouterr().out == "A: 2 public symbols, 0 without a doc comment\n"


@pytest.mark.parametrize("lines", [(), ("",), ("  ", "")])
def test_one_without_words_is_named_with_its_place(tmp_path, capsys, lines):
    write(tmp_path, "A", symbol("S", "A struct."), symbol("S.x", *lines, line=8))
    assert check(tmp_path, "A") == 1
    printed = capsys.readouterr()
    assert printed.out == "A: 2 public symbols, 1 without a doc comment\n"
    assert printed.err == "/s/A.swift:9: S.x has no doc comment\n"


def test_the_words_of_another_modules_protocol_are_none(tmp_path):
    inherited = symbol("S.rawValue", "The corresponding value of the raw type.")
    del inherited["docComment"]["uri"]
    write(tmp_path, "A", symbol("S", "A struct."), inherited)
    assert check(tmp_path, "A") == 1


def test_extensions_of_other_modules_types_are_looked_at(tmp_path):
    write(tmp_path, "A", symbol("S", "A struct."))
    write(tmp_path, "A@Swift", symbol("Array.load(_:)"))
    assert check(tmp_path, "A") == 1


def test_what_the_compiler_makes_is_passed_over(tmp_path, capsys):
    synthesized = symbol("S.!=(_:_:)", precise="s:x::SYNTHESIZED::s:S")
    raw_value = {"identifier": {"precise": "s:y"}, "pathComponents": ["S", "init(rawValue:)"]}
    write(tmp_path, "A", symbol("S", "A struct."), synthesized, raw_value)
    assert check(tmp_path, "A") == 0
    assert capsys.readouterr().out == "A: 1 public symbols, 0 without a doc comment\n"


def test_a_module_without_a_graph_is_no_success(tmp_path):
    write(tmp_path, "AB", symbol("S", "A struct."))
    with pytest.raises(Failure, match="no symbol graph of A in"):
        check(tmp_path, "A")
