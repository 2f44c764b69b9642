"""Reads a session file by file and event, as far as it is needed to repeat one.

The layout is tools/perf/Documentation/perf.data-file-format.txt's and that of perf_event_open(2). Where a field of a sample stands follows
from its event's sample_type; where a pid stands in a tracepoint's own bytes, from the format of that name in the file.
"""

import json
import re
import struct
from dataclasses import dataclass, field

MMAP, LOST, COMM, EXIT, FORK, SAMPLE, MMAP2 = 1, 2, 3, 4, 7, 9, 10
FIRST_USER_RECORD = 64
TRACING_DATA, EVENT_DESC, SAMPLE_TIME, COMPRESSED, SPAWNSCOPE = 1, 12, 21, 27, 200
TRACEPOINT = 2
IP, TID, TIME, ADDR, READ, CALLCHAIN, ID, CPU, PERIOD, STREAM_ID, RAW = (1 << bit for bit in range(11))
IDENTIFIER = 1 << 16
SUPPORTED = IP | TID | TIME | ADDR | CALLCHAIN | ID | CPU | PERIOD | STREAM_ID | RAW | 1 << 12 | 1 << 13 | IDENTIFIER
# Fields that hold a pid, in any tracepoint; and the calls whose result is one.
PID_FIELDS = {"common_pid", "pid", "tid", "tgid", "child_pid", "parent_pid", "old_pid", "upid"}
CREATING = {f"sys_enter_{name}" for name in ("clone", "clone3", "fork", "vfork")}
PID_RESULTS = {f"sys_exit_{name}" for name in ("clone", "clone3", "fork", "vfork", "wait4")}
FORMAT_FIELD = re.compile(r"^\tfield:[^;]*?(\w+)(?:\[[^;]*\])?;\toffset:(\d+);\tsize:(\d+);", re.MULTILINE)


class Unsuitable(Exception):
    """Why this file cannot be repeated."""


def unpack(layout, data, offset=0):
    return struct.unpack_from("<" + layout, data, offset)


@dataclass
class Event:
    sample_type: int
    is_tracepoint: bool
    number: int
    name: str = ""
    fields: dict = field(default_factory=dict)

    def sample_offset(self, bit):
        """Of a field that stands before every field of variable size."""
        order = (IDENTIFIER, IP, TID, TIME, ADDR, ID, STREAM_ID, CPU, PERIOD)
        return 8 + 8 * sum(bool(self.sample_type & other) for other in order[: order.index(bit)])

    def trailer_offset(self, bit, size):
        """Of a field of `sample_id_all`, in a record of that size."""
        order = (TID, TIME, ID, STREAM_ID, CPU, IDENTIFIER)
        return size - 8 * sum(bool(self.sample_type & other) for other in order[order.index(bit) :])

    def raw_offset(self, record):
        """Of the tracepoint's own bytes."""
        offset = self.sample_offset(PERIOD) + (8 if self.sample_type & PERIOD else 0)
        if self.sample_type & CALLCHAIN:
            offset += 8 + 8 * unpack("Q", record, offset)[0]
        return offset + 4


class Session:
    """The parts of a perf.data file in file mode; the data themselves are read on demand."""

    def __init__(self, file):
        self.file = file
        header = file.read(104)
        if header[:8] != b"PERFILE2" or unpack("Q", header, 8)[0] != 104:
            raise Unsuitable("not a perf.data file in file mode")
        self.entry_size, self.attributes, self.attributes_size, self.data, self.data_size = unpack("5Q", header, 16)
        bits = int.from_bytes(header[72:104], "little")
        if self.data_size == 0:
            raise Unsuitable("its recording was not completed")
        numbers = [bit for bit in range(256) if bits >> bit & 1]
        table = self.read(self.data + self.data_size, 16 * len(numbers))
        self.features = {bit: self.read(*unpack("2Q", table, 16 * index)) for index, bit in enumerate(numbers)}
        if TRACING_DATA not in self.features or SPAWNSCOPE not in self.features:
            raise Unsuitable("not a session of spawnscope")
        if COMPRESSED in self.features:
            raise Unsuitable("its records are compressed: record it with --no-compress")
        self.metadata = json.loads(self.features[SPAWNSCOPE])
        self.events = self.read_events()

    def read(self, offset, size):
        self.file.seek(offset)
        data = self.file.read(size)
        if len(data) != size:
            raise Unsuitable(f"ends before offset {offset + size}")
        return data

    def read_events(self):
        """By event id."""
        formats = tracepoint_formats(self.features[TRACING_DATA])
        events = {}
        for index in range(self.attributes_size // self.entry_size):
            entry = self.read(self.attributes + index * self.entry_size, self.entry_size)
            kind, _, config, _, sample_type, _, flags = unpack("2I5Q", entry)
            ids_offset, ids_size = unpack("2Q", entry, self.entry_size - 16)
            if sample_type & ~SUPPORTED or not sample_type & TIME or not sample_type & TID or not sample_type & IDENTIFIER:
                raise Unsuitable(f"event {index} has fields that are not known here, or not those that are needed: {sample_type:#x}")
            if not flags >> 18 & 1:
                raise Unsuitable("its records that are no samples have no times (sample_id_all)")
            event = Event(sample_type, kind == TRACEPOINT, index)
            if event.is_tracepoint and config in formats:
                event.name, event.fields = formats[config]
            ids = self.read(ids_offset, ids_size)
            events.update({unpack("Q", ids, 8 * number)[0]: event for number in range(ids_size // 8)})
        for name, ids in event_names(self.features.get(EVENT_DESC, b"")):
            for number in ids:
                if number in events and not events[number].is_tracepoint:
                    events[number].name = name
        return events


def tracepoint_formats(data):
    """Name and fields (name to offset and size) by the tracepoint's number, from trace-cmd's format 0.6."""
    # Magic, "tracing", version, endianness, size of a long, page size.
    position = 3 + 7 + data[10:].index(b"\0") + 1 + 2 + 4

    def text():
        end = data.index(b"\0", position)
        return data[position:end].decode(), end + 1

    for _ in range(2):  # header_page and header_event
        _, position = text()
        position += 8 + unpack("Q", data, position)[0]
    (count,) = unpack("I", data, position)
    position += 4
    for _ in range(count):
        position += 8 + unpack("Q", data, position)[0]
    (systems,) = unpack("I", data, position)
    position += 4
    formats = {}
    for _ in range(systems):
        _, position = text()
        (count,) = unpack("I", data, position)
        position += 4
        for _ in range(count):
            (size,) = unpack("Q", data, position)
            content = data[position + 8 : position + 8 + size].decode()
            position += 8 + size
            name, number = re.search(r"^name: (\S+)", content)[1], int(re.search(r"^ID: (\d+)", content, re.MULTILINE)[1])
            fields = {match[1]: (int(match[2]), int(match[3])) for match in FORMAT_FIELD.finditer(content)}
            formats[number] = (name, fields)
    return formats


def event_names(data):
    """Name and ids of each event."""
    if len(data) < 8:
        return
    count, attribute_size = unpack("2I", data)
    position = 8
    for _ in range(count):
        position += attribute_size
        ids, length = unpack("2I", data, position)
        name = data[position + 8 : position + 8 + length].split(b"\0")[0].decode()
        position += 8 + length
        yield name, unpack(f"{ids}Q", data, position)
        position += 8 * ids


def records(data):
    position = 0
    while position + 8 <= len(data):
        kind, _, size = unpack("IHH", data, position)
        if size < 8 or size % 8 or position + size > len(data):
            raise Unsuitable(f"a record at {position} of the data has {size} bytes")
        yield position, kind, data[position : position + size]
        position += size


def event_of(session, kind, record):
    offset = 8 if kind == SAMPLE else len(record) - 8
    event = session.events.get(unpack("Q", record, offset)[0])
    if event is None:
        raise Unsuitable("a record of an event that the file does not describe")
    return event


def time_offset(event, kind, record):
    return event.sample_offset(TIME) if kind == SAMPLE else event.trailer_offset(TIME, len(record))


def pid_offsets(event, kind, record):
    if kind in (COMM, MMAP, MMAP2):
        yield from (8, 12)
    elif kind in (FORK, EXIT):
        yield from (8, 12, 16, 20)  # pid, ppid, tid, ptid
    if kind != SAMPLE:
        yield from (event.trailer_offset(TID, len(record)), event.trailer_offset(TID, len(record)) + 4)
        return
    yield from (event.sample_offset(TID), event.sample_offset(TID) + 4)
    if not event.sample_type & RAW:
        return
    raw = event.raw_offset(record)
    for name, (offset, size) in event.fields.items():
        if size in (4, 8) and (name in PID_FIELDS or name == "ret" and event.name in PID_RESULTS):
            yield raw + offset
    if event.name == "spawnscope:reaped":
        yield raw
