"""Seeds as simpleperf would write them."""

from bench.fuzzing.laid_out import tracing_data
from bench.fuzzing.packing import u, uleb
from bench.fuzzing.recordings import perf_file


def simpleperf_files(as_protobuf: bool) -> bytes:
    """A section of simpleperf's for each kind of file: kernel, module, ELF, Java, what a process compiled."""
    out = b""
    for path, kind, lowest, offset, symbols in (
        (b"[kernel.kallsyms]", 0, 0, None, [(0x110, 64, b"do_work")]),
        (b"/m.ko", 1, 0x30, 0x20, [(0x40, 0x100, b"send")]),
        (b"/a", 2, 0x1000, 0x1000, [(0x1100, 32, b"_ZN1a1bEi"), (0x1110, 8, b"__dl_free")]),
        (b"/b", 3, 0, None, [(0x1100, 32, b"void a.B.c(int;)")]),
        (b"perf-7.map", 4, 0, None, [(0x500110, 32, b"jit"), (0x3F0000, 64, b"far")]),
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
        data = b"".join(own(32772, whole[at : at + 300]) for at in range(0, len(whole), 300)) + own(32773, b"")
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
