"""Every public symbol of the libraries has a doc comment.

    python3 Scripts/bench check public-symbols DIRECTORY MODULE…

DIRECTORY has their symbol graphs, MODULE.symbols.json and MODULE@OTHER.symbols.json, in it or below it: Scripts/docs.sh makes them. What
the compiler synthesizes, such as `==`, is passed over. Prints a line a module.
"""

import json
from pathlib import Path

from bench.failure import NO_INPUT, Failure
from bench.processes import say


def add_options(parser):
    parser.add_argument("directory", metavar="DIRECTORY", type=Path)
    parser.add_argument("modules", metavar="MODULE", nargs="+")


def run(options):
    missing = []
    for module in options.modules:
        symbols = own_symbols(graphs(options.directory, module))
        if not symbols:
            raise Failure(f"there is no symbol graph of {module} in {options.directory}", NO_INPUT)
        undocumented = [symbol for symbol in symbols if not has_comment(symbol)]
        missing += undocumented
        print(f"{module}: {len(symbols)} public symbols, {len(undocumented)} without a doc comment")
    for symbol in missing:
        say(f"{place(symbol)}: {'.'.join(symbol['pathComponents'])} has no doc comment")
    return 1 if missing else 0


def graphs(directory, module):
    """A module's own graph, and those of its extensions of other modules' types."""
    paths = [*directory.rglob(f"{module}.symbols.json"), *directory.rglob(f"{module}@*.symbols.json")]
    return [json.loads(path.read_text()) for path in sorted(paths)]


def own_symbols(graphs):
    """What is written in the sources. A symbol that several graphs have counts once."""
    symbols = {symbol["identifier"]["precise"]: symbol for graph in graphs for symbol in graph["symbols"]}
    return [symbol for name, symbol in symbols.items() if "::SYNTHESIZED::" not in name and "location" in symbol]


def has_comment(symbol):
    """Whether the sources have words. What a protocol of another module says of `rawValue` is of no help."""
    comment = symbol.get("docComment", {})
    return "uri" in comment and any(line["text"].strip() for line in comment["lines"])


def place(symbol):
    location = symbol["location"]
    return f"{location['uri'].removeprefix('file://')}:{location['position']['line'] + 1}"
