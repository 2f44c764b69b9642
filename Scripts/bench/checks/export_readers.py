"""Holds exports of a session beside its report, as the tools that they are for read them: go tool pprof, DuckDB, and strict readers of
speedscope's and Chrome's formats. A sum that is not the report's, and a file that is not what its format says, are problems.
"""

import importlib.metadata
import json
import re

from bench.page import row
from bench.processes import output_of, say

PHASES = ("create", "wake", "prepare", "search", "exec", "link", "run", "reap")
LIMIT = 60


def run(*command):
    return output_of(command, timeout=LIMIT)


class Readers:
    def __init__(self, bench, go, session):
        self.bench, self.go, self.session = bench, go, session
        self.report = bench.report(session)
        totals, phases = self.report["totals"], self.report["phases"]
        self.sums = {
            "spawns": totals["spawns"],
            "overhead": totals["overhead_ns"],
            "total": totals["total_ns"],
            "blocked": totals["blocked_ns"],
        }
        self.sums |= {phase: phases.get(phase, {}).get("sum_ns", 0) for phase in PHASES}
        self.problems = []

    def check(self, what, found, wanted):
        if found != wanted:
            self.problems.append(f"{what}: {found!r} instead of {wanted!r}")

    def strict(self, what, value, keys):
        """Exactly these keys, of these types."""
        self.check(f"{what}: keys", set(value), set(keys))
        for key, kind in keys.items():
            if key in value and not (isinstance(value[key], kind) and not isinstance(value[key], bool)):
                self.problems.append(f"{what}: {key} is {value[key]!r}")

    def export(self, name, *options):
        path = f"{self.bench.scratch}/export.{name}"
        self.bench.ask("export", "--quiet", "--format", name, "-o", path, *options, self.session)
        return path

    def pprof(self):
        path = self.export("pprof")
        for name, wanted in self.sums.items():
            # Numbers as they are: without -unit=nanoseconds they would be rounded.
            unit = () if name == "spawns" else ("-unit=nanoseconds",)
            text = run(self.go, "tool", "pprof", "-top", "-nodecount=0", "-nodefraction=0", f"-sample_index={name}", *unit, path)
            # "Showing nodes accounting for 7, 100% of 7 total": nothing is shown of a sum of nothing.
            found = re.search(r"of (\d+)(?:ns)? total", text)
            self.check(f"go tool pprof -top -sample_index={name}", int(found[1]) if found else None, wanted)
        raw = run(self.go, "tool", "pprof", "-raw", path)
        kinds = re.search(r"^Samples:\n(.*)$", raw, re.M)[1].split()
        self.check(
            "go tool pprof -raw: sample types",
            [re.sub(r"\[dflt\]", "", kind).split("/")[0] for kind in kinds],
            ["spawns", "overhead", *PHASES, "total", "blocked"],
        )
        rows = re.findall(r"^((?:\s+\d+){12}):", raw, re.M)
        for index, kind in enumerate(kinds):
            name = kind.split("/")[0]
            self.check(f"go tool pprof -raw: {name}", sum(int(row.split()[index]) for row in rows), self.sums[name])
        for label in ("program", "mechanism", "outcome"):
            self.check(f"go tool pprof -raw: samples with a {label}", len(re.findall(rf"\b{label}:\[", raw)), len(rows))
        tags = run(self.go, "tool", "pprof", "-tags", "-sample_index=spawns", path)
        self.check("go tool pprof -tags", all(label in tags for label in ("program:", "mechanism:", "outcome:")), True)
        return "go tool pprof -top, -raw, -tags", run(self.go, "version").split()[2], f"{len(rows)} samples"

    def speedscope(self):
        with open(self.export("speedscope"), encoding="utf-8") as stream:
            file = json.load(stream)
        keys = {"$schema": str, "name": str, "exporter": str, "activeProfileIndex": int, "shared": dict, "profiles": list}
        self.strict("speedscope", file, keys)
        self.check("speedscope: $schema", file["$schema"], "https://www.speedscope.app/file-format-schema.json")
        self.check("speedscope: shared", list(file["shared"]), ["frames"])
        frames = file["shared"]["frames"]
        for frame in frames:
            self.strict("speedscope: a frame", frame, {"name": str})
        self.check("speedscope: activeProfileIndex in range", 0 <= file["activeProfileIndex"] < len(file["profiles"]), True)
        seen = {}
        for profile in file["profiles"]:
            what = f"speedscope: {profile.get('name')}"
            self.strict(
                what, profile, {"type": str, "name": str, "unit": str, "startValue": int, "endValue": int, "samples": list, "weights": list}
            )
            self.check(f"{what}: type", profile["type"], "sampled")
            self.check(f"{what}: unit", profile["unit"], "none" if profile["name"] == "spawns" else "nanoseconds")
            self.check(f"{what}: weights", len(profile["weights"]), len(profile["samples"]))
            good = all(isinstance(index, int) and 0 <= index < len(frames) for stack in profile["samples"] for index in stack)
            self.check(f"{what}: frames in range", good, True)
            self.check(f"{what}: endValue", profile["endValue"] - profile["startValue"], sum(profile["weights"]))
            seen[profile["name"]] = sum(profile["weights"])
        for name, wanted in self.sums.items():
            self.check(f"speedscope: {name}", seen.get(name, 0), wanted)
        return "a strict reader", "Python", f"{len(file['profiles'])} profiles, {len(frames)} frames"

    def chrome(self):
        with open(self.export("chrome"), encoding="utf-8") as stream:
            # Decimals as they are written: a float would hide a lost nanosecond.
            file = json.load(stream, parse_float=self.nanoseconds)
        self.strict("chrome", file, {"displayTimeUnit": str, "traceEvents": list, "otherData": dict})
        self.check("chrome: otherData", all(isinstance(value, str) for value in file["otherData"].values()), True)
        keys = {
            "M": {"ph": str, "name": str, "pid": int, "args": dict},
            "X": {"ph": str, "name": str, "cat": str, "pid": int, "tid": int, "ts": Nanoseconds, "dur": Nanoseconds},
            "B": {"ph": str, "name": str, "cat": str, "pid": int, "tid": int, "ts": Nanoseconds},
            "s": {"ph": str, "name": str, "cat": str, "pid": int, "tid": int, "ts": Nanoseconds, "id": int},
            "f": {"ph": str, "name": str, "cat": str, "pid": int, "tid": int, "ts": Nanoseconds, "id": int, "bp": str},
        }
        sums = dict.fromkeys(self.sums, 0)
        tracks, starts, ends, named = {}, {}, {}, set()
        for event in file["traceEvents"]:
            phase = event["ph"]
            wanted = dict(keys[phase])
            if phase in "XB" and event["cat"] == "spawn":
                wanted["args"] = dict
            self.strict(f"chrome: {phase}", event, wanted)
            if phase == "M":
                named.add(event["pid"])
            elif phase == "s":
                starts[event["id"]] = event
            elif phase == "f":
                ends[event["id"]] = event
            if phase == "X":
                tracks.setdefault((event["pid"], event["tid"]), []).append(event)
            if phase in "XB" and event["cat"] == "spawn":
                args = event["args"]
                sums["spawns"] += 1
                sums["overhead"] += args.get("overhead_ns", 0)
                sums["total"] += args.get("total_ns", 0)
                sums["blocked"] += args["blocked_ns"]
                self.check("chrome: a slice's length", event.get("dur", 0), args.get("total_ns", event.get("dur", 0)))
            elif phase == "X" and event["cat"] == "phase":
                sums[event["name"]] += event["dur"]
        self.check("chrome: arrows", set(starts), set(ends))
        for number, start in starts.items():
            self.check("chrome: an arrow's moment", start["ts"], ends[number]["ts"])
            inside = [s for s in tracks.get((start["pid"], start["tid"]), []) if s["ts"] <= start["ts"] <= s["ts"] + s["dur"]]
            self.check("chrome: an arrow starts in a slice", bool(inside), True)
        for (pid, _), slices in tracks.items():
            self.check(f"chrome: track {pid} has a name", pid in named, True)
            # Slices of a track lie in each other or behind each other, never across; where two start together the longer comes first.
            stack = []
            for piece in sorted(slices, key=lambda s: (s["ts"], -s["dur"])):
                while stack and stack[-1] <= piece["ts"]:
                    stack.pop()
                end = piece["ts"] + piece["dur"]
                self.check(f"chrome: slices of track {pid} nest", not stack or end <= stack[-1], True)
                stack.append(end)
        self.check("chrome", sums, self.sums)
        return "a strict reader", "Python", f"{len(file['traceEvents'])} events"

    def tables(self):
        import duckdb

        for name, source in (("csv", "read_csv_auto"), ("ndjson", "read_json_auto")):
            path = self.export(name)
            prefix, suffix = ("", "_ns") if name == "csv" else ("phases.", "")
            # A column without any value has no type of numbers.
            columns = ["count(*)", "sum(total_ns::hugeint)", "sum(blocked_ns::hugeint)"]
            names = ["spawns", "total", "blocked"]
            known = {row[0]: row[1] for row in duckdb.sql(f"describe select * from {source}('{path}')").fetchall()}
            for phase in PHASES:
                if name == "csv" or re.search(rf'\b"?{phase}"? ', known["phases"]):
                    columns.append(f'sum({prefix}"{phase}{suffix}"::hugeint)')
                    names.append(phase)
            if name == "ndjson":
                columns.append("sum(overhead_ns::hugeint)")
                names.append("overhead")
            found = duckdb.sql(f"select {', '.join(columns)} from {source}('{path}')").fetchone()
            for column, value in zip(names, found):
                self.check(f"DuckDB, {name}: {column}", int(value or 0), self.sums[column])
            programs = dict(
                duckdb.sql(f"select path, count(*) from {source}('{path}') where outcome = 'executed' group by path").fetchall()
            )
            wanted = {program["path"]: program["spawns"] for program in self.report["programs"]}
            self.check(f"DuckDB, {name}: spawns by program", programs, wanted)
        return "DuckDB's read_csv_auto, read_json_auto", importlib.metadata.version("duckdb"), f"{self.sums['spawns']} rows"

    def folded(self):
        with open(self.export("folded", "--weight", "overhead"), "rb") as stream:
            lines = stream.read()
        self.check("folded: as fold prints it", lines, self.bench.ask("fold", "--weight", "overhead", self.session).encode())
        self.check("folded: sum", sum(int(line.rsplit(b" ", 1)[1]) for line in lines.splitlines()), self.sums["overhead"])
        return "a line of `outermost;…;innermost number` each", "Python", f"{len(lines.splitlines())} lines"

    def nanoseconds(self, text):
        whole, part = text.split(".")
        if len(part) != 3:
            self.problems.append(f"chrome: {text} has not three decimals")
        return Nanoseconds(int(whole) * 1000 + int(part))


class Nanoseconds(int):
    """A time in microseconds with three decimals."""


def read_all(bench, go, session):
    """A row for each format, and what is wrong."""
    readers, rows = Readers(bench, go, session), []
    for name, read in (
        ("pprof", readers.pprof),
        ("speedscope", readers.speedscope),
        ("chrome", readers.chrome),
        ("csv, ndjson", readers.tables),
        ("folded", readers.folded),
    ):
        before = len(readers.problems)
        tool, version, what = read()
        rows.append([name, tool, version, what, "as the report" if len(readers.problems) == before else "DIFFER"])
        say(row(rows[-1]))
    return rows, readers.problems
