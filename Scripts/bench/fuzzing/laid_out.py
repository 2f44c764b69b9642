"""Seeds whose bytes are laid out by hand: stacks, code, names, formats, budgets."""

from bench.fuzzing.packing import u, uleb


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
    places = (
        uleb(2) + text(b"f") + text(b"a.c") + uleb(1) + uleb(0x1004) + uleb(2) + uleb(0) + uleb(1) + uleb(7) + uleb(0) + uleb(1) + uleb(9)
    )
    image = text(b"/usr/bin/busy") + uleb(21) + bytes(range(20)) + b"\0\0" + uleb(0) + uleb(0x3000) + symbols + symbols + places
    jit = (
        text(b"/tmp/perf-42.map") + uleb(9) + bytes([0] * 7 + [5]) + b"\x01\x02" + uleb(0) + uleb(0) + symbols + uleb(0) + uleb(0) + uleb(0)
    )
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

BUDGET = b"""# a comment
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
"""


def tracing_data() -> bytes:
    out = b"\x17\x08\x44tracing0.6\0\0\x08" + u("I", 4096)
    for name in (b"header_page\0", b"header_event\0"):
        out += name + u("Q", 4) + b"text"
    out += u("I", 1) + u("Q", 3) + b"ftr" + u("I", 1) + b"task\0" + u("I", 1) + u("Q", len(FORMAT)) + FORMAT
    return out + u("IIQ", 0, 0, 0)
