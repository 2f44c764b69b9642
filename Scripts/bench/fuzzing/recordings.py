"""Seeds out of this repository's recordings: cut short, and without what is large."""

import struct

from bench.fuzzing.packing import u
from bench.machine import ROOT

RECORDINGS = ROOT / "Tests/TestSupport/Recordings"
# What would be looked for on this machine: its kernel's symbols, its C library and that one's debug file. The same bytes on every
# machine, and nothing outside of the input decides what is covered.
ELSEWHERE = {
    b"6.18.44-fc": b"0.18.44-fc",
    b"/usr/": b"/0sr/",
    b"/bin/": b"/0in/",
    b"/lib": b"/0ib",
    bytes.fromhex("93ac61ec5a8e"): bytes.fromhex("00ac61ec5a8e"),
}


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
            payload = recording[offset : offset + size]
            features[bit] = lean(payload) if bit == 1 else payload
    data = whole_records(recording[data_offset:table], most)
    # Without the room that a recorder leaves in front of the data.
    entry, attributes, size = struct.unpack_from("<3Q", recording, 16)
    ids = entries = b""
    for place in range(attributes, attributes + size, entry):
        ids_offset, ids_size = struct.unpack_from("<QQ", recording, place + entry - 16)
        entries += recording[place : place + entry - 16] + u("QQ", 104 + len(ids), ids_size)
        ids += recording[ids_offset : ids_offset + ids_size]
    return perf_file(entry, ids, entries, data, features)


def lean(data: bytes) -> bytes:
    """A copy of tracefs without what nothing reads: the texts of pages, and how each event is printed."""
    place = data.index(b"\0", 10) + 1 + 6
    out = data[:place]

    def text() -> bytes:
        nonlocal place
        size = struct.unpack_from("<Q", data, place)[0]
        place += 8 + size
        return data[place - size : place]

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
    block = recording[start : start + size]
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
    return recording[place : place + count]


def recordings() -> dict[str, bytes]:
    found = {}
    for path in sorted(RECORDINGS.glob("*.data")):
        data = path.read_bytes()
        for here, other in ELSEWHERE.items():
            data = data.replace(here, other)
        found[path.stem] = data
    return found
