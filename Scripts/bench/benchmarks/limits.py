"""What hostile programs (`bench make hostile-inputs`) cost whoever records them: CPU seconds and peak memory of `record`, beside the limits that
hold for any input (256 MiB + 4 × bytes on disk, 10 s + 1 s for each MiB on disk). Each is made in a directory of its own. Prints a row for
each.
"""

import contextlib
import pathlib
import subprocess

from bench.hostile import PROGRAM, inputs, make
from bench.page import row, table
from bench.workbench import need_root, need_spawnscope, scratch_directory

SECONDS = 60
# Of the recorder alone, and no more than the machine has to spare.
KIBIBYTES = 12_000_000


def add_options(parser):
    parser.text("--only", "only the inputs whose name contains TEXT", default="")
    parser.add_argument("record_options", metavar="RECORD-OPTION", nargs="*", help="after --: options for `spawnscope record`")


def run(options):
    need_root()
    spawnscope = need_spawnscope(("record",))
    print(table(["input", "bytes on disk", "CPU s", "peak MiB", "status"], []))
    with scratch_directory() as scratch:
        for name in inputs(PROGRAM):
            if options.only in name:
                print(row([f"{name}", *measure(spawnscope, scratch, name, options.record_options)]), flush=True)


def measure(spawnscope, scratch, name, words):
    directory, figures = make(scratch, name), scratch / "figures"
    size = int(subprocess.run(["du", "-sk", directory], check=True, capture_output=True, text=True).stdout.split()[0]) * 1024
    figures.unlink(missing_ok=True)
    timed = ["/usr/bin/time", "-o", figures, "-f", "%U %S %M", spawnscope, "record", "-o", scratch / "s.data", *words, "--", "./program"]
    limited = ["sh", "-c", 'ulimit -v "$1"; shift; exec timeout -k 1 "$@"', "sh", str(KIBIBYTES), str(SECONDS), *map(str, timed)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    status = subprocess.run(limited, cwd=directory, **quiet).returncode
    clear(directory)
    told = figures.read_text().splitlines()[-1].split() if figures.exists() else []
    if len(told) != 3:
        return [size, "", "", f"{status} (ended after {SECONDS} s)"]
    return [size, f"{float(told[0]) + float(told[1]):.1f}", int(told[2]) // 1024, status]


def clear(directory):
    """Maps of what was made at run time lie where all of them do."""
    with contextlib.suppress(OSError):
        pathlib.Path((directory / "made").read_text()).unlink()
    subprocess.run(["rm", "-rf", "--", directory], check=True)
