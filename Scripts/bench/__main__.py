"""The command line: `python3 -m bench` in Scripts, or `python3 Scripts/bench` from anywhere."""

import pathlib
import sys

if not __package__:
    # Started as a folder: what is imported as `bench` stands in the folder above it.
    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from bench.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
