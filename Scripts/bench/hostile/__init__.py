"""Programs and recordings that would cost or mislead whoever reads them: what any user can leave lying about.

Of kind "program": DIRECTORY/NAME/program, to be run in that directory, which spawns /bin/true once. Of kind "session": DIRECTORY/NAME/s.data.
Needs gcc, binutils, xz, zstd and, for sessions, perf and the right to record. Holes stay holes: all together take some 60 MB of disk.
"""

import pathlib

# isort: off
from bench.hostile.making import MAKERS, PROGRAM, SESSION  # noqa: F401

# Importing a module registers its inputs, in this order.
from bench.hostile import names, debug_files, packed, holes, long_names, jit, recordings  # noqa: F401

# isort: on

LEFT_BY_COMPILERS = ("main.c", "main.s", "zeros", "zeros.xz", "packed", "alt")


def inputs(kind=None):
    """The names, of one kind or all."""
    return [name for name, (own, _) in MAKERS.items() if kind in (None, own)]


def make(directory, name):
    """Makes an input in a new directory of that name, which is returned."""
    place = pathlib.Path(directory).absolute() / name
    place.mkdir(parents=True)
    MAKERS[name][1](place)
    for left in LEFT_BY_COMPILERS:
        (place / left).unlink(missing_ok=True)
    return place
