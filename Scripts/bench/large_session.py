"""A large session out of a small one.

SESSION is a recording of a command by `spawnscope record`, whose root starts processes over and over and reaps them. What lies between the
root's first creating call and its exit is repeated until there are at least SPAWNS spawns, each time with pids and times of its own; what
is before and after stays once. Memory does not grow with SPAWNS. Prints the numbers of copies and of spawns.
"""

import json
import struct
from dataclasses import dataclass, field

from bench.failure import NO_INPUT, Failure
from bench.options import number_from
from bench.session_file import (
    CREATING,
    EXIT,
    FIRST_USER_RECORD,
    FORK,
    SAMPLE,
    SAMPLE_TIME,
    SPAWNSCOPE,
    TID,
    Session,
    Unsuitable,
    event_of,
    pid_offsets,
    records,
    time_offset,
    unpack,
)


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


def repeat(path, spawns, output):
    """The numbers of copies and of spawns."""
    try:
        with open(path, "rb") as file:
            session = Session(file)
            repetition = Repetition(session)
            copies = max(1, -(-spawns // max(1, repetition.spawns)))
            if copies * repetition.pid_count + max(repetition.pid_numbers.values()) >= 1 << 31:
                raise Unsuitable("there are not as many pids")
            with open(output, "wb") as large:
                repetition.write(session, copies, large)
    except (OSError, ValueError, KeyError, TypeError, struct.error, Unsuitable) as error:
        raise Failure(f"{path}: {error}", NO_INPUT) from None
    return copies, copies * repetition.spawns


def add_options(parser):
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("spawns", metavar="SPAWNS", type=number_from(1))
    parser.add_argument("output", metavar="OUTPUT")


def run(options):
    print(*repeat(options.session, options.spawns, options.output))
