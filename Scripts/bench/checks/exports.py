"""Exports have the report's sums in the tools that they are for: a session of every way to spawn, exported in every format, each read by go
tool pprof, DuckDB, and strict readers of speedscope's and Chrome's.
"""

import sys

from bench import installing
from bench.checks import export_readers
from bench.failure import UNAVAILABLE, Failure
from bench.machine import ROOT
from bench.page import compose, table, write_page
from bench.processes import say, time_limit
from bench.workbench import size_of, workbench

# Each way to create, programs that fail to start, plain workers, shells, Python, Go; and one that is left running.
WORKLOAD = r"""
for method in fork vfork posix_spawn posix_spawnp clone3 system; do "$1/spawn_loop" -m "$method" 20; done
python3 "$2/Tests/Workloads/spawn_loop.py" 10
"$1/spawn_loop_go" 20
/nonexistent/program "a;b" || /etc/passwd
(exit 3)
cp /bin/true "$3/program with \"quotes\", and commas" && "$3/program with \"quotes\", and commas"
sleep 1 &
"""


def add_options(parser):
    parser.output("-")


def run(options):
    with workbench("record", "report", "fold", "export") as bench:
        installing.call("install_duckdb")
        sys.path.insert(0, installing.variable("DUCKDB_DIRECTORY"))
        go = installing.go_program()
        if not go:
            raise Failure("go tool pprof is needed: unset SPAWNSCOPE_WITHOUT_GO", UNAVAILABLE)
        script = bench.scratch / "workload.sh"
        script.write_text(WORKLOAD)
        recording = bench.record("/bin/sh", script, bench.workloads, ROOT, bench.scratch)
        if not size_of(recording.session):
            raise Failure(f"could not record: {recording.summary.text}")
        if recording.summary.lost != 0:
            raise Failure(f"events were lost: {recording.summary.text}")
        with time_limit(300, "reading the exports"):
            rows, problems = export_readers.read_all(bench, go, recording.session)
        introduction = (
            f"One session of {recording.summary.spawns} spawns, made in every way, exported in every format. Compared with `report`: the number of "
            "spawns, overhead, every phase,\ntotal and blocked; DuckDB also counts the spawns of each program."
        )
        found = table(["format", "opened by", "version", "what", "sums"], rows)
        write_page(options.output, compose("Exports, opened by the tools that they are for", introduction, options, found))
    for problem in problems[:40]:
        say(f"problem: {problem[:400]}")
    return 1 if problems else 0
