"""Where the CPU time of a recorded spawn loop goes: samples of the machine, by what was on the kernel's stack.

The sampling costs both sides alike, so what is told is a share of what the bare loop takes under the same sampling.
"""

import re
import signal
import subprocess
import time

from bench.processes import wait_until_gone
from bench.rounds import interleaved

SPAWNS = 4000
RECORDINGS = 3
TOOLS = ("callsites-raw", "stacks-raw", "perf-g")
# The first group that a sample's stack has a function of is the sample's.
GROUPS = (
    ("BPF programs (sizes, failed paths)", r"^trace_call_bpf$"),
    ("tracepoints of system calls, 7 recorded of some 140 passed", r"^perf_syscall_(enter|exit)$"),
    ("other tracepoints' events", r"^(perf_trace_\w+|perf_tp_event|perf_trace_run_bpf_submit)$"),
    ("side band (COMM, MMAP2, FORK, EXIT)", r"^(perf_event_(mmap|comm|task|exec|fork)\w*|perf_iterate_sb)(\.|$)"),
    ("the rest of the slow path of system calls", r"^(syscall_trace_enter|syscall_exit_work)(\.|$)"),
)
LAST = "the recorder itself, from start to end"


def where(bench):
    """{"rows": [{"tool", "groups": {name: share of the bare loop's samples}}]}; medians of a few recordings, less what bare has."""
    tools = bench.usable(TOOLS)
    results = interleaved([bench.bare, *tools], lambda tool, _: sample(bench, tool), RECORDINGS)
    counts = {tool.key: [found for found in runs if found] for tool, runs in results.items()}
    bare = counts.get("bare")
    if not bare:
        return {"rows": []}
    whole = median(sum(found.values()) for found in bare)
    names = [*(name for name, _ in GROUPS), LAST]
    rows = []
    for tool in tools:
        if counts[tool.key]:
            shares = {
                name: (median(found[name] for found in counts[tool.key]) - median(found[name] for found in bare)) / whole for name in names
            }
            total = median(sum(found.values()) for found in counts[tool.key]) / whole - 1
            rows.append({"tool": tool.key, "groups": shares, "rest": total - sum(shares.values()), "total": total})
    return {"rows": rows, "spawns": SPAWNS, "samples": whole}


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def sample(bench, tool):
    """How many samples each group has while the loop ran under the tool."""
    output, session = bench.scratch / "where.data", bench.scratch / "where.session"
    program = "spawn_latency_bare" if tool.key == "stacks-raw" else "spawn_latency"
    words = [*(word.replace("{output}", str(session)) for word in tool.words), bench.program(program), str(SPAWNS)]
    sampler = subprocess.Popen(
        ["perf", "record", "-q", "-N", "-a", "-e", "cpu-clock", "-F", "4000", "-g", "-o", str(output)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(0.5)  # it is ready when it has its events, of which it tells nobody
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        sampler.send_signal(signal.SIGINT)
        sampler.wait()
    wait_until_gone(bench.spawnscope)
    return read(output) if done.returncode == 0 else None


def read(path):
    """{group: samples, "": those of the loop in none}"""
    counts = dict.fromkeys(["", *(name for name, _ in GROUPS), LAST], 0)
    patterns = [(name, re.compile(pattern)) for name, pattern in GROUPS]
    words = ["perf", "script", "-i", str(path), "-F", "comm,ip,sym"]
    text = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace").stdout
    for block in text.split("\n\n"):
        head, _, stack = block.strip("\n").partition("\n")
        comm = head.strip()
        functions = [line.split(None, 1)[1].strip() for line in stack.splitlines() if len(line.split(None, 1)) > 1]
        # With perf as the tool its own process cannot be told from the sampler's, so neither is counted.
        if comm == "spawnscope":
            counts[LAST] += 1
        elif comm in ("spawn_latency", "spawn_latency_b", "true"):
            group = next((name for name, pattern in patterns if any(pattern.match(function) for function in functions)), "")
            counts[group] += 1
    return counts
