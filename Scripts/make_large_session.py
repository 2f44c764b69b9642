#!/usr/bin/env python3
"""Makes a large session of a small one: make_large_session.py SESSION SPAWNS OUTPUT

SESSION is a recording of a command by `spawnscope record`, whose root starts processes over and over and reaps them.
What lies between the root's first creating call and its exit is repeated until there are at least SPAWNS spawns, each
time with pids and times of its own; what is before and after stays once. Memory does not grow with SPAWNS. Prints the
numbers of copies and of spawns.

The layout is tools/perf/Documentation/perf.data-file-format.txt's and that of perf_event_open(2). Where a field of a
sample stands follows from its event's sample_type; where a pid stands in a tracepoint's own bytes, from the format of
that name in the file.
"""

import json
import re
import struct
import sys
from dataclasses import dataclass, field

MMAP, LOST, COMM, EXIT, FORK, SAMPLE, MMAP2 = 1, 2, 3, 4, 7, 9, 10
FIRST_USER_RECORD = 64
TRACING_DATA, EVENT_DESC, SAMPLE_TIME, SPAWNSCOPE = 1, 12, 21, 200
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
        for index, (name, ids) in enumerate(event_names(self.features.get(EVENT_DESC, b""))):
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


@dataclass
class Records:
    """Records one after the other, and where in them the times and the pids that are to change stand."""

    data: bytearray = field(default_factory=bytearray)
    times: list = field(default_factory=list)  # in words of 8 bytes
    pids: list = field(default_factory=list)  # in words of 4 bytes

    def shift(self, time, pid):
        words = memoryview(self.data).cast("Q")
        for index in self.times:
            words[index] += time
        halves = memoryview(self.data).cast("I")
        for index in self.pids:
            halves[index] += pid


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


class Repetition:
    """The three parts of a session's data: once before, again and again, once after."""

    def __init__(self, session):
        data = session.read(session.data, session.data_size)
        root = session.metadata.get("root_pid")
        if root is None:
            raise Unsuitable("not the recording of a command")
        begin, end, created, creations, largest = None, None, set(), [], 0
        for _, kind, record in records(data):
            if kind >= FIRST_USER_RECORD:
                continue
            event = event_of(session, kind, record)
            (time,) = unpack("Q", record, time_offset(event, kind, record))
            if kind == SAMPLE:
                (pid,) = unpack("I", record, event.sample_offset(TID))
                if pid == root and event.name in CREATING and (begin is None or time < begin):
                    begin = time
                if pid == root and event.name == "sys_enter_exit_group":
                    end = time
                if event.name == "task_newtask":
                    child = unpack("I", record, event.raw_offset(record) + event.fields["pid"][0])[0]
                    creations.append((time, pid, child))
        if begin is None or end is None or end <= begin:
            raise Unsuitable("its root creates nothing, or never calls exit_group")
        for _, kind, record in records(data):
            if kind < FIRST_USER_RECORD:
                event = event_of(session, kind, record)
                (time,) = unpack("Q", record, time_offset(event, kind, record))
                for offset in pid_offsets(event, kind, record):
                    largest = max(largest, unpack("i", record, offset)[0])
                if kind == FORK and begin <= time < end:
                    created.update((unpack("I", record, 8)[0], unpack("I", record, 16)[0]))
        created.discard(root)
        self.period = end - begin + 1000
        self.pid_count = len(created)
        self.pid_numbers = {pid: largest + 1 + index for index, pid in enumerate(sorted(created))}
        # Others' processes are in the file too, since events are opened system-wide.
        lineage = {root}
        lineage.update(child for _, pid, child in sorted(creations) if pid in lineage)
        self.spawns = sum(pid in lineage and begin <= time < end for time, pid, _ in creations)
        self.before, self.body, self.after = Records(), Records(), Records()
        self.last_time = 0
        for _, kind, record in records(data):
            self.add(session, kind, record, begin, end)

    def add(self, session, kind, record, begin, end):
        if kind >= FIRST_USER_RECORD:
            self.body.data += record
            return
        event = event_of(session, kind, record)
        (time,) = unpack("Q", record, time_offset(event, kind, record))
        part = self.before if time < begin else self.after if time >= end else self.body
        start = len(part.data)
        part.data += record
        part.times.append((start + time_offset(event, kind, record)) // 8)
        if kind in (FORK, EXIT):
            part.times.append((start + 24) // 8)
        self.last_time = max(self.last_time, time)
        if part is not self.body:
            return
        for offset in set(pid_offsets(event, kind, record)):
            (pid,) = unpack("I", record, offset)
            if pid in self.pid_numbers:
                if (start + offset) % 4:
                    raise Unsuitable(f"a pid of {event.name} does not stand at a multiple of four bytes")
                struct.pack_into("<I", part.data, start + offset, self.pid_numbers[pid])
                part.pids.append((start + offset) // 4)

    def write(self, session, copies, file):
        """Header and attributes as they are, the data, and the features behind them."""
        file.write(session.read(0, session.data))
        file.write(self.before.data)
        for copy in range(copies):
            if copy:
                self.body.shift(self.period, self.pid_count)
            file.write(self.body.data)
        more = (copies - 1) * self.period
        self.after.shift(more, 0)
        file.write(self.after.data)
        size = file.tell() - session.data
        features = dict(session.features)
        end = session.metadata.get("end")
        if end and "duration_ns" in end:
            end["duration_ns"] += more
        features[SPAWNSCOPE] = json.dumps(session.metadata).encode()
        if SAMPLE_TIME in features:
            features[SAMPLE_TIME] = features[SAMPLE_TIME][:8] + struct.pack("<Q", self.last_time + more)
        position = file.tell() + 16 * len(features)
        for content in features.values():
            file.write(struct.pack("<2Q", position, len(content)))
            position += len(content)
        for content in features.values():
            file.write(content)
        file.seek(48)  # the size of the data
        file.write(struct.pack("<Q", size))


def main():
    if len(sys.argv) != 4 or not sys.argv[2].isdecimal():
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with open(sys.argv[1], "rb") as file:
            session = Session(file)
            repetition = Repetition(session)
            copies = max(1, -(-int(sys.argv[2]) // max(1, repetition.spawns)))
            if copies * repetition.pid_count + max(repetition.pid_numbers.values()) >= 1 << 31:
                raise Unsuitable("there are not as many pids")
            with open(sys.argv[3], "wb") as output:
                repetition.write(session, copies, output)
    except (OSError, ValueError, KeyError, TypeError, struct.error, Unsuitable) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return 66
    print(copies, copies * repetition.spawns)
    return 0


if __name__ == "__main__":
    sys.exit(main())
