"""A session laid out by hand is repeated."""

import io
import json
import struct
import unittest

from bench import large_session, session_file
from bench.session_file import COMM, FORK, SAMPLE, Unsuitable

ROOT, CHILD = 100, 200
SAMPLE_TYPE = session_file.TID | session_file.TIME | session_file.CALLCHAIN | session_file.RAW | session_file.IDENTIFIER
COMMON = "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
NAMES = {
    1: ("sys_enter_vfork", COMMON),
    2: (
        "task_newtask",
        COMMON + "\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;\n\tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;\n",
    ),
    3: ("sys_exit_wait4", COMMON + "\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;\n"),
    4: ("sys_enter_exit_group", COMMON),
}


def tracing_data():
    data = b"\x17\x08\x44tracing0.6\0" + struct.pack("<BBI", 0, 8, 4096)
    for name in (b"header_page\0", b"header_event\0"):
        data += name + struct.pack("<Q", 3) + b"abc"
    data += struct.pack("<II", 0, 1) + b"all\0" + struct.pack("<I", len(NAMES))
    for number, (name, fields) in NAMES.items():
        content = f'name: {name}\nID: {number}\nformat:\n{fields}\nprint fmt: ""\n'.encode()
        data += struct.pack("<Q", len(content)) + content
    return data


def sample(number, pid, time, raw=b"", frames=()):
    raw = struct.pack("<II", 0, pid) + raw
    raw += bytes(-(len(raw) + 4) % 8)
    body = struct.pack("<QIIQ", number, pid, pid, time) + struct.pack(f"<Q{len(frames)}Q", len(frames), *frames)
    body += struct.pack("<I", len(raw)) + raw
    return struct.pack("<IHH", SAMPLE, 0, 8 + len(body)) + body


def other(kind, body, pid, time):
    body += struct.pack("<IIQQ", pid, pid, time, 1)
    return struct.pack("<IHH", kind, 0, 8 + len(body)) + body


RECORDS = [
    other(COMM, struct.pack("<II8s", ROOT, ROOT, b"root"), ROOT, 900),
    sample(1, ROOT, 1000),
    other(FORK, struct.pack("<IIIIQ", CHILD, ROOT, CHILD, ROOT, 1010), ROOT, 1010),
    sample(2, ROOT, 1020, struct.pack("<I", CHILD), frames=(CHILD, 7)),
    sample(3, ROOT, 1500, struct.pack("<QQ", 0, CHILD)),
    sample(4, ROOT, 2000),
]


def session(records=RECORDS, kind=2, metadata=None, more_features=None):
    data = b"".join(records)
    entry = struct.pack("<2I5Q", kind, 64, 0, 0, SAMPLE_TYPE, 0, 1 << 18)
    entries, position = b"", 104
    ids_at = 104 + 4 * 80
    for number in NAMES:
        attribute = entry[:8] + struct.pack("<Q", number) + entry[16:] + bytes(64 - len(entry))
        entries += attribute + struct.pack("<2Q", ids_at + 8 * (number - 1), 8)
    ids = struct.pack("<4Q", *NAMES)
    start = ids_at + len(ids)
    features = {
        1: tracing_data(),
        21: struct.pack("<2Q", 900, 2000),
        200: json.dumps(metadata or {"root_pid": ROOT, "end": {"duration_ns": 1100}}).encode(),
    }
    features = dict(sorted((features | (more_features or {})).items()))
    bits = sum(1 << bit for bit in features)
    header = b"PERFILE2" + struct.pack("<8Q", 104, 80, position, len(entries), start, len(data), 0, 0) + bits.to_bytes(32, "little")
    table, contents, position = b"", b"", start + len(data) + 16 * len(features)
    for content in features.values():
        table += struct.pack("<2Q", position + len(contents), len(content))
        contents += content
    return io.BytesIO(header + entries + ids + data + table + contents)


def repeated(copies, file=None):
    small = session_file.Session(file or session())
    output = io.BytesIO()
    repetition = large_session.Repetition(small)
    repetition.write(small, copies, output)
    output.seek(0)
    return repetition, session_file.Session(output)


class MakeLargeSession(unittest.TestCase):
    def test_the_loop_is_repeated_and_the_rest_stays_once(self):
        repetition, large = repeated(3)
        kinds = [record[1] for record in session_file.records(large.read(large.data, large.data_size))]
        self.assertEqual(kinds, [COMM] + [SAMPLE, FORK, SAMPLE, SAMPLE] * 3 + [SAMPLE])
        self.assertEqual((repetition.spawns, repetition.pid_count), (1, 1))

    def test_times_rise_by_the_loops_length_everywhere(self):
        repetition, large = repeated(2)
        times, fork_times = [], []
        for _, kind, record in session_file.records(large.read(large.data, large.data_size)):
            event = session_file.event_of(large, kind, record)
            times.append(struct.unpack_from("<Q", record, session_file.time_offset(event, kind, record))[0])
            if kind == FORK:
                fork_times.append(struct.unpack_from("<Q", record, 24)[0])
        period = repetition.period
        loop = [1000, 1010, 1020, 1500]
        self.assertEqual(times, [900] + loop + [time + period for time in loop] + [2000 + period])
        self.assertEqual(fork_times, [1010, 1010 + period])
        self.assertEqual(struct.unpack("<2Q", large.features[21]), (900, 2000 + period))
        self.assertEqual(large.metadata["end"]["duration_ns"], 1100 + period)

    def test_children_have_pids_of_their_own_and_the_root_keeps_its_own(self):
        _, large = repeated(2)
        children, waited, parents, frames = [], [], [], []
        for _, kind, record in session_file.records(large.read(large.data, large.data_size)):
            event = session_file.event_of(large, kind, record)
            if kind == FORK:
                pid, parent, thread, _ = struct.unpack_from("<4I", record, 8)
                self.assertEqual(pid, thread)
                children.append(pid)
                parents.append(parent)
            if kind == SAMPLE and event.name == "task_newtask":
                self.assertEqual(struct.unpack_from("<I", record, event.raw_offset(record) + 8)[0], children[-1])
                frames.append(struct.unpack_from("<2Q", record, event.raw_offset(record) - 4 - 16))
            if kind == SAMPLE and event.name == "sys_exit_wait4":
                waited.append(struct.unpack_from("<Q", record, event.raw_offset(record) + 16)[0])
        self.assertEqual(len(set(children)), 2)
        self.assertEqual((waited, parents), (children, [ROOT, ROOT]))
        self.assertNotIn(ROOT, children)
        # An address that equals a pid stays what it is.
        self.assertEqual(frames, [(CHILD, 7)] * 2)

    def test_processes_of_others_are_repeated_and_are_no_spawns(self):
        stranger = [
            other(FORK, struct.pack("<IIIIQ", 301, 300, 301, 300, 1200), 300, 1200),
            sample(2, 300, 1210, struct.pack("<I", 301)),
        ]
        grandchild = [sample(2, CHILD, 1300, struct.pack("<I", 202))]
        # In the file a grandchild may come before its parent: each CPU has a ring of its own.
        repetition, _ = repeated(2, session(RECORDS[:2] + grandchild + RECORDS[2:4] + stranger + RECORDS[4:]))
        self.assertEqual((repetition.spawns, repetition.pid_count), (2, 2))

    def test_what_cannot_be_repeated_is_refused(self):
        for file in (
            io.BytesIO(b"PERFILE2"),
            io.BytesIO(b"x" * 200),
            session(RECORDS[:1]),
            session(RECORDS[:-1]),
            session(RECORDS[:2] + [b"\x09\0\0\0\0\0\x03\0"] + RECORDS[2:]),
            session(metadata={"root_pid": None}),
        ):
            with self.assertRaises((Unsuitable, struct.error)):
                repeated(2, file)

    def test_what_is_compressed_is_refused(self):
        with self.assertRaisesRegex(Unsuitable, "--no-compress"):
            repeated(2, session(more_features={27: bytes(20)}))
