"""The pages of Results: Markdown with the command that makes them again, and when, what and where was measured."""

import os
import pathlib

from bench.machine import measured_line
from bench.processes import say


def row(cells):
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in (str(cell).replace("|", "\\|") for cell in cells))


def table(head, rows, numbers=()):
    """Columns of `numbers` are written to the right."""
    rule = "".join("---:|" if column in numbers else "---|" for column in range(len(head)))
    return "\n".join([row(head), "|" + rule, *map(row, rows)])


class Table:
    """A table whose rows are told as they are made."""

    def __init__(self, *head, tells=True, numbers=()):
        self.head, self.rows, self.tells, self.numbers = head, [], tells, numbers
        if tells:
            say(row(head))

    def add(self, *cells):
        self.rows.append(cells)
        if self.tells:
            say(row(cells))

    def __str__(self):
        return table(self.head, self.rows, self.numbers)


def compose(title, introduction, options, *sections, beside=(), environment=""):
    """A page. `beside` are versions of what was measured beside us, `environment` is set before the command."""
    blocks = [
        f"# {title}" if title else "",
        introduction.strip("\n"),
        f"    {environment}{options.command_line}",
        ", ".join([measured_line(), *beside]),
        *(str(section).strip("\n") for section in sections),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def write_page(path, text, prints=False):
    """Writes the page to a file, or to standard output where that is `-`; with `prints` there as well."""
    if path == "-" or prints:
        print(text, end="", flush=True)
    if path != "-":
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_text(text, encoding="utf-8")
        say(f"written: {os.path.relpath(path)}")


def indented(lines):
    """As Markdown has what is quoted."""
    return "\n".join("    " + line for line in lines).rstrip()


def lines_between(lines, first, last):
    """The lines from each with the text `first` to the next with the text `last`, both included."""
    inside = False
    for line in lines:
        inside = inside or first in line
        if inside:
            yield line
            inside = last not in line or first in line
