"""Seeds of what tells frames and functions: call frame information, Go's tables."""

import struct

from bench.fuzzing.packing import u, uleb


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
