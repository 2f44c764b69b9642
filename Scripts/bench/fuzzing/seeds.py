"""The seeds of the fuzzing targets: DIRECTORY/TARGET/NAME.

All are our own: recordings of this repository cut short, bytes laid out by hand, and small programs of this repository's sources compiled
here. What the compiler makes differs from machine to machine, what the corpus keeps does not.
"""

import pathlib
import struct

from bench.fuzzing.code_tables import call_frames, debug_frames, go_table, search_table, unwinding
from bench.fuzzing.laid_out import BUDGET, FORMAT, jit_dump, packed_names, stack_dumps, tracing_data
from bench.fuzzing.packing import u
from bench.fuzzing.programs import programs
from bench.fuzzing.recordings import compressed, feature, lean, recordings, short, whole_records
from bench.fuzzing.simpleperf import simpleperf_files, simpleperf_recording

# The section of a session's own metadata.
METADATA = 200


def directory_seed(recording: bytes) -> bytes:
    offset, size = struct.unpack_from("<QQ", recording, 40)
    records = whole_records(recording[offset : offset + size], 2000)
    return b"\x02" + u("H", len(records)) + records + u("H", len(records)) + records + short(recording, 1000)


def seeds() -> dict[str, dict[str, bytes]]:
    whole = recordings()
    files = {name: short(data, 6000) for name, data in whole.items() if name != "pipe"}
    files["dumps"] = stack_dumps()
    files["simpleperf"], files["simpleperf2"] = simpleperf_recording(False), simpleperf_recording(True)
    elf = programs()
    frames = call_frames()
    formats = lean(feature(whole["lifecycle"], 1))
    found = {
        "perf-file": {**files, "compressed": compressed(files["spawns"])},
        "perf-pipe": {"pipe": short(whole["pipe"], 6000)},
        "perf-directory": {name: directory_seed(whole[name]) for name in ("single", "spawns")},
        "elf": {**elf},
        "dwarf-lines": {name: data for name, data in elf.items() if name in ("lines", "lines4", "lines5", "split")},
        "unwinding": {
            "frames": unwinding(0, frames),
            "table": unwinding(4, frames, search_table(frames)),
            "debug": unwinding(2, debug_frames()),
            "arm64": unwinding(1, frames),
            "nocode": unwinding(8, frames),
        },
        "go-table": {f"{magic:x}": go_table(magic) for magic in (0xFFFFFFFA, 0xFFFFFFF0, 0xFFFFFFF1)},
        "jit-dump": {"dump": jit_dump()},
        "perf-map": {"map": b"1000 40 alpha\n1020 20 beta(int)\n0x2000 0x10 _ZN3fooEv\nffffffff00000000 10 x\n"},
        "packed-names": {"packed": packed_names()},
        "recorded-names": {
            "fields": b"\x00" + simpleperf_files(False),
            "protobuf": b"\x05" + simpleperf_files(True),
            "kallsyms": b"\x02" + b"0000000080000110 T _text\n0000000080000120 t other\t[m]\n",
        },
        "metadata": {name: feature(whole[name], METADATA) for name in ("session", "lifecycle", "again-1")},
        "tracing-formats": {"text": FORMAT, "data": tracing_data(), "session": formats},
        "budget": {"budget": BUDGET},
    }
    for name in ("perf-fold", "perf-pack"):
        found[name] = files
    return found


def write_seeds(directory: pathlib.Path) -> None:
    for target, inputs in seeds().items():
        (directory / target).mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (directory / target / name).write_bytes(data)


def add_options(parser):
    parser.add_argument("directory", metavar="DIRECTORY", type=pathlib.Path)


def run(options):
    write_seeds(options.directory)
