"""Recordings."""

import struct
import subprocess

from bench.hostile.making import GIB, MIB, maker, run


def recording(directory, *options):
    run("perf", "record", "-q", "-N", *options, "-e", "sched:sched_process_exec", "-o", "s.data", "true", cwd=directory)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-3"], input=data, check=True, stdout=subprocess.PIPE).stdout


def filling(size):
    """Records of a type that nobody knows, which compress to next to nothing."""
    record = struct.pack("<IHH", 9999, 0, 0xFFF8) + bytes(0xFFF0)
    return record * (size // len(record))


def compressed(stream, pieces=1, version=1):
    """PERF_RECORD_COMPRESSED, or COMPRESSED2 with its size."""
    records = b""
    step = max(1, -(-len(stream) // pieces))
    step = min(step, 60000)
    for start in range(0, len(stream), step):
        piece = stream[start : start + step]
        if version == 1:
            records += struct.pack("<IHH", 81, 0, 8 + len(piece)) + piece
        else:
            padding = -len(piece) % 8
            records += struct.pack("<IHHQ", 83, 0, 16 + len(piece) + padding, len(piece)) + piece + bytes(padding)
    return records


def first_compressed(data, position, end):
    """Where the first record of perf's own stream is: it has no end, so that no other can follow it."""
    while position + 8 <= end:
        kind, _, size = struct.unpack_from("<IHH", data, position)
        if kind in (81, 83):
            return position
        # PERF_RECORD_HEADER_TRACING_DATA is followed by what its size does not tell.
        if kind == 66:
            size += (struct.unpack_from("<I", data, position + 8)[0] + 7) & ~7
        position += size
    raise ValueError("perf compressed nothing")


def insert(directory, records):
    """Puts records before those of the recording that are compressed."""
    data = bytearray((directory / "s.data").read_bytes())
    if struct.unpack_from("<Q", data, 8)[0] == 16:
        position = first_compressed(data, 16, len(data))
    else:
        offset, size = struct.unpack_from("<QQ", data, 40)
        # The table of features stands behind the records, and is moved with what it leads to.
        features = sum(bin(word).count("1") for word in struct.unpack_from("<4Q", data, 72))
        for index in range(features):
            place = offset + size + 16 * index
            struct.pack_into("<Q", data, place, struct.unpack_from("<Q", data, place)[0] + len(records))
        struct.pack_into("<Q", data, 48, size + len(records))
        position = first_compressed(data, offset, offset + size)
    data[position:position] = records
    (directory / "s.data").write_bytes(data)


@maker("session")
def session_bomb(directory):
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(GIB))))


@maker("session")
def session_small_bombs(directory):
    recording(directory, "-z")
    stream = zstd(filling(3 * MIB // 2))
    insert(directory, b"".join(compressed(stream) for _ in range(700)))


@maker("session")
def session_bomb_pieces(directory):
    """No record holds much."""
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=20000))


@maker("session")
def session_bomb_sized(directory):
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=5000, version=2))


@maker("session")
def session_bomb_piped(directory):
    with open(directory / "s.data", "wb") as output:
        run(
            "perf", "record", "-q", "-N", "-z", "-e", "sched:sched_process_exec", "-o", "-", "true",
            cwd=directory, stdout=output)  # fmt: skip
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=20000))


@maker("session")
def session_bomb_directory(directory):
    """A file for each CPU, all of which are unpacked."""
    run(
        "perf", "record", "-q", "-N", "-z", "--threads", "-a", "-e", "sched:sched_process_exec", "-o", "s.data", "true",
        cwd=directory)  # fmt: skip
    bomb = compressed(zstd(filling(GIB // 4)), pieces=10000)
    for file in (directory / "s.data").glob("data.*"):
        file.write_bytes(bomb + file.read_bytes())
