"""The option parser of all commands: argparse, with the kinds of options that they share."""

import argparse
import re

from bench.failure import USAGE
from bench.machine import ROOT

RECORDERS = ("joined", "events")


class Parser(argparse.ArgumentParser):
    """Ends with 64 where something is not understood, as sysexits(3) has it."""

    def __init__(self, **arguments):
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **arguments)

    def error(self, message):
        self.exit(USAGE, f"{self.prog}: {message}\n")

    def flag(self, name, text):
        self.add_argument(name, action="store_true", help=text)

    def number(self, name, default, text, least=1):
        shown = "" if default is None else f" (default {default})"
        self.add_argument(name, metavar="N", type=number_from(least), default=default, help=text + shown)

    def numbers(self, name, default, text):
        shown = ",".join(map(str, default))
        self.add_argument(name, metavar="N,…", type=numbers, default=default, help=f"{text} (default {shown})")

    def text(self, name, text, default=None, metavar="TEXT"):
        self.add_argument(name, metavar=metavar, default=default, help=text)

    def some_of(self, name, known, text):
        """Any number of arguments, of which each is one of `known`."""
        self.add_argument(name, metavar=name.upper().rstrip("S"), nargs="*", type=one_of(known), help=f"{text}; of {', '.join(known)}")

    def names(self, name, known, text, default=None):
        """A list of names, of which each is one of `known`."""
        chosen = list(known if default is None else default)
        self.add_argument(name, metavar="LIST", type=names_of(known), default=chosen, help=f"{text}, of {','.join(known)}")

    def recorders(self, also=()):
        """By which the check is made, one after the other. `also`: those that are known besides and not chosen without being named."""
        self.names("--recorders", (*RECORDERS, *also), "record's recorders, which must tell the same", RECORDERS)

    def output(self, default, text="the page"):
        """Where the page goes; a default in this repository, `-`, or None where nothing is written unless asked."""
        path = default if default in (None, "-") else str(ROOT / default)
        shown = {None: "none", "-": "-, standard output"}.get(default, f"{default}; - is standard output")
        self.add_argument("--output", metavar="FILE", default=path, help=f"{text} (default {shown})")


def number_from(least):
    def parse(text):
        if not re.fullmatch(r"[0-9]+", text) or int(text) < least:
            raise argparse.ArgumentTypeError(f"needs a number from {least}: {text}")
        return int(text)

    return parse


def numbers(text):
    return [number_from(1)(word) for word in text.split(",")]


def one_of(known):
    def parse(text):
        if text not in known:
            raise argparse.ArgumentTypeError(f"unknown: {text}; known are {', '.join(known)}")
        return text

    return parse


def names_of(known):
    def parse(text):
        return [one_of(known)(word) for word in text.split(",")]

    return parse
