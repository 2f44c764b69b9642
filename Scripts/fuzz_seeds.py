#!/usr/bin/env python3
"""Writes the seeds of the fuzzing targets: DIRECTORY/TARGET/NAME.

    Scripts/fuzz_seeds.py DIRECTORY

All are our own: recordings of this repository cut short, bytes laid out by hand, and small programs of this repository's sources
compiled here. Run by Scripts/fuzz.sh; what the compiler makes differs from machine to machine, what the corpus keeps does not.
"""

import lzma
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "Tests/AnalysisTests/Recordings"
PACKED_NAMES, METADATA = 201, 200
# What would be looked for on this machine: its kernel's symbols, its C library and that one's debug file. The same bytes on every
# machine, and nothing outside of the input decides what is covered.
ELSEWHERE = {
    b"6.18.44-fc": b"0.18.44-fc", b"/usr/": b"/0sr/", b"/bin/": b"/0in/", b"/lib": b"/0ib",
    bytes.fromhex("93ac61ec5a8e"): bytes.fromhex("00ac61ec5a8e"),
}


def u(form: str, *values: int) -> bytes:
    return struct.pack("<" + form, *values)


def uleb(value: int) -> bytes:
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


# perf.data files

def whole_records(data: bytes, most: int) -> bytes:
    """The first records, in at most so many bytes."""
    end = 0
    while end + 8 <= len(data):
        kind, _, size = struct.unpack_from("<IHH", data, end)
        # HEADER_TRACING_DATA is followed by its payload.
        extra = struct.unpack_from("<I", data, end + 8)[0] if kind == 66 else 0
        if size < 8 or end + size + extra > min(most, len(data)):
            break
        end += size + extra
    return data[:end]


def perf_file(entry: int, ids: bytes, entries: bytes, data: bytes, features: dict[int, bytes]) -> bytes:
    """A file of events, which are `entry` bytes each and have their ids from 104 on, records and features."""
    words = [0, 0, 0, 0]
    for bit in features:
        words[bit // 64] |= 1 << bit % 64
    start = 104 + len(ids) + len(entries)
    head = b"PERFILE2" + u("8Q", 104, entry, 104 + len(ids), len(entries), start, len(data), 0, 0) + u("4Q", *words)
    out = head + ids + entries + data
    place = len(out) + 16 * len(features)
    payloads = b""
    for bit in sorted(features):
        out += u("QQ", place + len(payloads), len(features[bit]))
        payloads += features[bit]
    return out + payloads


def short(recording: bytes, most: int, largest_feature: int = 4000) -> bytes:
    """The recording with fewer records, and without its large features."""
    if struct.unpack_from("<Q", recording, 8)[0] == 16:
        return recording[:16] + whole_records(recording[16:], most)
    data_offset, data_size = struct.unpack_from("<QQ", recording, 40)
    bitmap = struct.unpack_from("<4Q", recording, 72)
    bits = [bit for bit in range(256) if bitmap[bit // 64] >> bit % 64 & 1]
    table = data_offset + data_size
    features = {}
    for index, bit in enumerate(bits):
        offset, size = struct.unpack_from("<QQ", recording, table + 16 * index)
        # The formats of the tracepoints are what spawns are told by.
        if size <= largest_feature or bit == 1:
            payload = recording[offset:offset + size]
            features[bit] = lean(payload) if bit == 1 else payload
    data = whole_records(recording[data_offset:table], most)
    # Without the room that a recorder leaves in front of the data.
    entry, attributes, size = struct.unpack_from("<3Q", recording, 16)
    ids = entries = b""
    for place in range(attributes, attributes + size, entry):
        ids_offset, ids_size = struct.unpack_from("<QQ", recording, place + entry - 16)
        entries += recording[place:place + entry - 16] + u("QQ", 104 + len(ids), ids_size)
        ids += recording[ids_offset:ids_offset + ids_size]
    return perf_file(entry, ids, entries, data, features)


def lean(data: bytes) -> bytes:
    """A copy of tracefs without what nothing reads: the texts of pages, and how each event is printed."""
    place = data.index(b"\0", 10) + 1 + 6
    out = data[:place]

    def text() -> bytes:
        nonlocal place
        size = struct.unpack_from("<Q", data, place)[0]
        place += 8 + size
        return data[place - size:place]

    def number() -> int:
        nonlocal place
        place += 4
        return struct.unpack_from("<I", data, place - 4)[0]

    for _ in range(2):
        end = data.index(b"\0", place) + 1
        out += data[place:end] + u("Q", 0)
        place = end
        text()
    for _ in range(number()):
        text()
    out += u("I", 0)
    systems = number()
    out += u("I", systems)
    for _ in range(systems):
        end = data.index(b"\0", place) + 1
        out += data[place:end]
        place = end
        events = number()
        out += u("I", events)
        for _ in range(events):
            format = text().split(b"print fmt")[0]
            fields = [line for line in format.split(b"\n") if b"common_" not in line or b"common_pid" in line]
            format = b"\n".join(fields)
            out += u("Q", len(format)) + format
    return out


def compressed(recording: bytes) -> bytes:
    """The same records as one block of a zstd stream, stored and not compressed (RFC 8878), in two COMPRESSED records."""
    header = list(struct.unpack_from("<8Q", recording, 8))
    start, size = header[4], header[5]
    block = recording[start:start + size]
    stream = bytes.fromhex("28b52ffd") + b"\x00\x58" + u("I", len(block) << 3 | 1)[:3] + block
    pieces = [stream[:1000], stream[1000:]]
    data = b"".join(u("IHH", 81, 0, 8 + len(piece)) + piece for piece in pieces)
    feature = u("5I", 1, 1, 1, 1, 1 << 19)
    header[5] = len(data)
    out = b"PERFILE2" + u("8Q", *header) + u("4Q", 1 << 27, 0, 0, 0) + recording[104:start] + data
    return out + u("QQ", len(out) + 16, len(feature)) + feature


def feature(recording: bytes, wanted: int) -> bytes:
    offset, size = struct.unpack_from("<QQ", recording, 40)
    bitmap = struct.unpack_from("<4Q", recording, 72)
    bits = [bit for bit in range(256) if bitmap[bit // 64] >> bit % 64 & 1]
    place, count = struct.unpack_from("<QQ", recording, offset + size + 16 * bits.index(wanted))
    return recording[place:place + count]


def recordings() -> dict[str, bytes]:
    found = {}
    for path in sorted(RECORDINGS.glob("*.data")):
        data = path.read_bytes()
        for here, other in ELSEWHERE.items():
            data = data.replace(here, other)
        found[path.stem] = data
    return found


# Bytes laid out by hand

def stack_dumps() -> bytes:
    """A perf.data file whose two samples have registers and a piece of stack, in code of a file and in code without one."""
    at = 0x5555_0000_1000
    # IDENTIFIER, IP, TID, TIME, CALLCHAIN, REGS_USER, STACK_USER; sample_id_all; ax to ip and r8 to r15.
    kinds = 0x10000 | 1 | 2 | 4 | 0x20 | 0x1000 | 0x2000
    attributes = u("IIQQQQQII4QIi2Q", 1, 128, 1, 1000, kinds, 0, 1 << 18, 0, 0, 0, 0, 0, 0xFF01FF, 128, 1, 0, 0)
    attributes = attributes.ljust(128, b"\0")

    def trailer(time):
        return u("IIQQ", 42, 42, time, 7)

    def record(kind, misc, body):
        return u("IHH", kind, misc, 8 + len(body)) + body

    def mapping(start, path):
        path = path.ljust(len(path) // 8 * 8 + 8, b"\0")
        return record(10, 2, u("IIQQQIIQQII", 42, 42, start, 0x3000, 0, 8, 1, 99, 0, 5, 2) + path + trailer(1))

    def sample(time, place):
        bottom = 0x7FFF_FFFF_E000
        words = [bottom + 32, place + 0x10, 1, 2, bottom + 64, place + 0x20, 3, 4, 0, 0] + [at + 0x810] * 6
        registers = [0, 1, 2, 3, 4, 5, bottom, bottom, place] + list(range(8))
        body = u("QQIIQ", 7, place, 42, 42, time) + u("3Q", 2, 0xFFFF_FFFF_FFFF_FE00, place)
        body += u("Q", 2) + u("17Q", *registers) + u("Q", 128) + u("16Q", *words) + u("Q", 128)
        return record(9, 2, body)

    data = record(3, 0, u("II", 42, 42) + b"program\0" + trailer(0)) + mapping(at, b"/0in/program") + mapping(0x6000_0000_0000, b"//anon")
    data += sample(10, at + 0x100) + sample(20, 0x6000_0000_0100)
    name = b"x86_64".ljust(16, b"\0")
    feature = u("I", len(name)) + name
    start = 104 + 8 + 144
    out = b"PERFILE2" + u("8Q", 104, 144, 112, 144, start, len(data), 0, 0) + u("4Q", 1 << 6, 0, 0, 0)
    out += u("Q", 7) + attributes + u("QQ", 104, 8) + data
    return out + u("QQ", len(out) + 16, len(feature)) + feature


def call_frames() -> bytes:
    """`.eh_frame` at 0x8000: one entry for 0x1000..<0x3000 (DW_EH_PE_pcrel | sdata4), CFA rsp + 24."""
    body = b"\x01zR\0" + uleb(1) + b"\x78" + b"\x10" + uleb(1) + b"\x1b" + b"\x0c\x07\x08\x90\x01"
    body += b"\0" * (-len(body) % 4)
    common = u("II", len(body) + 4, 0) + body
    place = 0x8000 + len(common) + 8
    body = u("iI", 0x1000 - place, 0x2000) + b"\0" + b"\x0e\x18\x41\x86\x03\x4a\x0a\x0b\x0f\x03\x77\x08\x06"
    body += b"\0" * (-len(body) % 4)
    return common + u("II", len(body) + 4, len(common) + 4) + body + u("I", 0)


def debug_frames() -> bytes:
    body = b"\x04\0\x08\0" + uleb(1) + b"\x78" + uleb(16) + b"\x0c\x07\x08\x90\x01"
    common = u("II", len(body) + 4, 0xFFFFFFFF) + body
    body = u("QQ", 0x1000, 0x2000) + b"\x0c\x06\x10\x86\x02\x10\x03\x02\x77\x10"
    return common + u("II", len(body) + 4, 0) + body


def search_table(frames: bytes) -> bytes:
    entry = struct.unpack_from("<I", frames, 0)[0] + 4
    return b"\x01\x1b\x03\x3b" + u("ii", 0x8000 - 0x7004, 1) + u("ii", 0x1000 - 0x7000, 0x8000 + entry - 0x7000)


def unwinding(flags: int, frames: bytes, table: bytes = b"", code: bytes = b"") -> bytes:
    def at(linked):
        return 0x5555_0000_0000 + linked
    stack = [0x7FFFFFFFE010, at(0x2010), at(0x2010), at(0x2810), 0x7FFFFFFFE030, at(0x2010), 0x7FFFFFFFE048, 0, at(0x2810)]
    pieces = b"".join(u("H", len(piece)) + piece for piece in (frames, table, code))
    return bytes([flags]) + pieces + u("40Q", *(stack * 5)[:40])


def go_table(magic: int) -> bytes:
    functions = [(0x40, "runtime.text"), (0x100, "main.main"), (0x180, "main.(*T).run"), (0x200, "")]
    is_old = magic == 0xFFFFFFFA
    start = 0x1000
    names, places = b"", []
    for _, name in functions:
        places.append(len(names))
        names += name.encode() + b"\0"
    names += b"\0" * (-len(names) % 8)
    header = 64 if is_old else 72
    wide = "QQ" if is_old else "II"
    base = start if is_old else 0
    entries = data = b""
    size = (len(functions) + 1) * struct.calcsize("<" + wide)
    for (entry, _), place in zip(functions, places):
        entries += u(wide, base + entry, size + len(data))
        data += u("Q" if is_old else "I", base + entry) + u("I", place) + bytes([0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]) + bytes(20)
    entries += u(wide, base + 0x300, 0)
    table = header + len(names)
    out = u("I", magic) + bytes([0, 0, 1, 8]) + u("QQ", len(functions), 0) + (b"" if is_old else u("Q", start))
    return out + u("Q", header) + u("4Q", table, table, table, table) + names + entries + data


def jit_dump() -> bytes:
    def load(time, name, start, size, index):
        code = b"\x90" * min(size, 16)
        return u("II6Q", 0, 56 + len(name) + 1 + len(code), time, 42 | 42 << 32, start, start, size, index) + name + b"\0" + code
    out = u("6I2Q", 0x4A695444, 1, 40, 62, 0, 42, 1, 0)
    out += load(10, b"alpha", 0x1000, 0x40, 1) + load(30, b"gamma", 0x1010, 0x20, 3)
    out += u("II7Q", 1, 64, 20, 42 | 42 << 32, 0x8000, 0x1000, 0x8000, 0x40, 1)
    return out + u("II", 2, 24) + b"\xff" * 16 + u("IIQ", 3, 16, 40)


def packed_names() -> bytes:
    def text(value):
        return uleb(len(value)) + value
    symbols = uleb(2) + uleb(0x1000) + uleb(0x40) + text(b"main") + uleb(0x10) + uleb(0x20) + text(b"beta(int)")
    places = uleb(2) + text(b"f") + text(b"a.c") + uleb(1) + uleb(0x1004) + uleb(2) + uleb(0) + uleb(1) + uleb(7) + uleb(0) + uleb(1) + uleb(9)
    image = text(b"/usr/bin/busy") + uleb(21) + bytes(range(20)) + b"\0\0" + uleb(0) + uleb(0x3000) + symbols + symbols + places
    jit = text(b"/tmp/perf-42.map") + uleb(9) + bytes([0] * 7 + [5]) + b"\x01\x02" + uleb(0) + uleb(0) + symbols + uleb(0) + uleb(0) + uleb(0)
    return b"SPWNSYMS" + u("I", 2) + uleb(2) + image + jit


FORMAT = b"""name: task_newtask
ID: 93
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;
\tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;
\tfield:unsigned long clone_flags;\toffset:32;\tsize:8;\tsigned:0;
\tfield:__data_loc char[] filename;\toffset:40;\tsize:4;\tsigned:0;

print fmt: "pid=%d comm=%s", REC->pid, REC->comm
"""

BUDGET = """# a comment
schema: spawnscope.budget/1
budgets:
  - name: whole run                 # no selector: everything
    spawns: 120
    unreaped: 0
  - {name: "git \\u00fc", program: "*/git[!a-z]?", failed_attempts: 3}
  - name: 'it''s'
    callsite: |
      main.render > b
    spawns: 1
    p99: { exec: 2ms, total: 1.5s }
...
""".encode()

PROGRAM = """static inline __attribute__((always_inline)) int twice(int x) { return x + x; }
static int kept(int x) { return twice(x) - 1; }
int data = 3;
int main(void) { return kept(data); }
#ifdef __PIC__
int puts(const char *);
int printed(void) { return puts("a") + puts("b"); }
#endif
void _start(void) { main(); for (;;) ; }
"""


def tracing_data() -> bytes:
    out = b"\x17\x08\x44tracing0.6\0\0\x08" + u("I", 4096)
    for name in (b"header_page\0", b"header_event\0"):
        out += name + u("Q", 4) + b"text"
    out += u("I", 1) + u("Q", 3) + b"ftr" + u("I", 1) + b"task\0" + u("I", 1) + u("Q", len(FORMAT)) + FORMAT
    return out + u("IIQ", 0, 0, 0)


def programs() -> dict[str, bytes]:
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch)
        (place / "a.c").write_text(PROGRAM)
        small = ["gcc", "-O1", "-fno-pie", "-static", "-nostdlib", "-Wl,--build-id=sha1,-z,noseparate-code", "a.c"]
        for name, options in {
            "plain": ["-s"], "symbols": [], "lines": ["-g"], "lines4": ["-gdwarf-4", "-gz=zlib"],
            "shared": ["-g0", "-fPIC", "-shared", "-no-pie"], "object": ["-c"], "split": ["-gsplit-dwarf"],
            "frames": ["-g", "-gz=zlib", "-fno-asynchronous-unwind-tables"], "lines5": ["-gdwarf-5", "-O2", "-gz=none"],
        }.items():
            command = [*small, *options, "-o", "out"]
            if name == "shared":
                command = [word for word in command if word not in ("-static", "-no-pie", "-fno-pie")]
            if subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0:
                found[name] = (place / "out").read_bytes()
        if {"plain", "symbols"} <= found.keys():
            (place / "debug").write_bytes(b"x")
            (place / "mini").write_bytes(lzma.compress(found["symbols"]))
            for name, option in {"debuglink": "--add-gnu-debuglink=debug", "mini": "--add-section=.gnu_debugdata=mini"}.items():
                (place / "linked").write_bytes(found["plain"])
                subprocess.run(["objcopy", option, "linked"], cwd=place, check=True)
                found[name] = (place / "linked").read_bytes()
    return found


def simpleperf_files(as_protobuf: bool) -> bytes:
    """A section of simpleperf's for each kind of file: kernel, module, ELF, Java, what a process compiled."""
    out = b""
    for path, kind, lowest, offset, symbols in (
        (b"[kernel.kallsyms]", 0, 0, None, [(0x110, 64, b"do_work")]),
        (b"/m.ko", 1, 0x30, 0x20, [(0x40, 0x100, b"send")]),
        (b"/a", 2, 0x1000, 0x1000, [(0x1100, 32, b"_ZN1a1bEi"), (0x1110, 8, b"__dl_free")]),
        (b"/b", 3, 0, None, [(0x1100, 32, b"void a.B.c(int;)")]),
        (b"perf-7.map", 4, 0, None, [(0x500110, 32, b"jit"), (0x3f0000, 64, b"far")]),
    ):
        if as_protobuf:
            def field(number: int, value: "int | bytes") -> bytes:
                if isinstance(value, int):
                    return uleb(number << 3) + uleb(value) if value else b""
                return uleb(number << 3 | 2) + uleb(len(value)) + value

            body = field(1, path) + field(2, kind) + field(3, lowest)
            for start, size, name in symbols:
                body += field(4, field(1, start) + field(2, size) + field(3, name))
            if kind == 3:
                body += field(5, field(1, b"\x01"))
            if offset is not None:
                body += field(7 if kind == 1 else 6, field(1, offset))
        else:
            body = path + b"\0" + u("IQI", kind, lowest, len(symbols))
            for start, size, name in symbols:
                body += u("QI", start, size) + name + b"\0"
            if kind == 3:
                body += u("IQ", 1, 1)
            if offset is not None:
                body += u("Q", offset)
        out += u("I", len(body)) + body
    return out


def simpleperf_recording(as_protobuf: bool) -> bytes:
    """A file of simpleperf's with its own records and sections, and samples in all of its files."""
    # IDENTIFIER, IP, TID, TIME, CALLCHAIN; sample_id_all.
    attributes = u("IIQQQQQ", 2, 128, 300, 1, 0x10000 | 1 | 2 | 4 | 0x20, 0, 1 << 18).ljust(128, b"\0")
    time = 0

    def own(kind: int, body: bytes) -> bytes:
        size = 8 + len(body)
        return u("IHH", kind, size >> 16, size & 0xFFFF) + body

    def kernels(kind: int, misc: int, body: bytes) -> bytes:
        nonlocal time
        time += 1
        if kind != 9:
            body += b"\0" * (-len(body) % 8) + u("iiQQ", 7, 7, time, 1)
        return u("IHH", kind, misc, 8 + len(body)) + body

    formats = tracing_data()
    tracing = u("I", len(formats)) + formats + b"\0" * (-len(formats) % 64)
    whole = own(32777, tracing)
    if as_protobuf:
        data = b"".join(own(32772, whole[at:at + 300]) for at in range(0, len(whole), 300)) + own(32773, b"")
    else:
        data = u("IHH", 66, 0, 8 + len(tracing)) + tracing
    symbols = b"0000000080000110 T _text\n0000000080000120 t other\n"
    data += own(32769, u("I", len(symbols)) + symbols + b"\0" * (-len(symbols) % 8)) + own(32774, u("QQQ", 1, 0, 9))
    data += kernels(1, 1, u("iiQQQ", -1, 0, 0, 0xFFFFFFFFFFFFFFFF, 0) + b"[kernel.kallsyms]\0")
    data += kernels(1, 1, u("iiQQQ", -1, 0, 0x80001000, 0x1000, 0) + b"/m.ko\0") + kernels(3, 0, u("ii", 7, 7) + b"app" * 40 + b"\0")
    for at, path, protection in ((0x10000, b"/a", 5), (0x20000, b"/b", 5), (0x30000, b"/jit", 5 | 0x4000)):
        data += kernels(10, 2, u("iiQQQIIQQII", 7, 7, at, 0x1000, 0x1000, 0, 0, 0, 0, protection, 2) + path + b"\0")
    for number in (1, 9):
        chain = [0xFFFFFFFFFFFFFF80, 0x110, 0x80001030, 0xFFFFFFFFFFFFFE00, 0x10104, 0x20108, 0x30110, 0x500118]
        time += 1
        data += kernels(9, 1, u("QQiiQQ8Q", number, 0x110, 7, 7, time, 8, *chain))
    metadata = b"simpleperf_version\0001.test\0event_type_info\0task:task_newtask,2,300\0"
    features = {128 if not as_protobuf else 132: simpleperf_files(as_protobuf), 129: metadata}
    return perf_file(144, u("Q", 1), attributes + u("QQ", 104, 8), data, features)


def directory_seed(recording: bytes) -> bytes:
    offset, size = struct.unpack_from("<QQ", recording, 40)
    records = whole_records(recording[offset:offset + size], 2000)
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
            "frames": unwinding(0, frames), "table": unwinding(4, frames, search_table(frames)),
            "debug": unwinding(2, debug_frames()), "arm64": unwinding(1, frames), "nocode": unwinding(8, frames),
        },
        "go-table": {f"{magic:x}": go_table(magic) for magic in (0xFFFFFFFA, 0xFFFFFFF0, 0xFFFFFFF1)},
        "jit-dump": {"dump": jit_dump()},
        "perf-map": {"map": b"1000 40 alpha\n1020 20 beta(int)\n0x2000 0x10 _ZN3fooEv\nffffffff00000000 10 x\n"},
        "packed-names": {"packed": packed_names()},
        "recorded-names": {
            "fields": b"\x00" + simpleperf_files(False), "protobuf": b"\x05" + simpleperf_files(True),
            "kallsyms": b"\x02" + b"0000000080000110 T _text\n0000000080000120 t other\t[m]\n",
        },
        "metadata": {name: feature(whole[name], METADATA) for name in ("session", "lifecycle", "again-1")},
        "tracing-formats": {"text": FORMAT, "data": tracing_data(), "session": formats},
        "budget": {"budget": BUDGET},
    }
    for name in ("perf-fold", "perf-pack"):
        found[name] = files
    return found


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    place = pathlib.Path(sys.argv[1])
    for target, inputs in seeds().items():
        (place / target).mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (place / target / name).write_bytes(data)


if __name__ == "__main__":
    main()
