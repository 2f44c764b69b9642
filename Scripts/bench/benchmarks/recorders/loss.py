"""Spawns seen of spawns made, at the highest rate of the machine: one loop for each CPU, for a minute."""

from bench.tool_runs import try_session
from bench.tools import summary_of

# Their files grow by 100 MB a second, they slow the loops, or they have lost most of it by then: a minute tells no more than this.
SHORT = {
    "perf-dwarf": 10,
    "inherited-dwarf": 6,
    "inherited": 6,
    "inherited-g": 6,
    "perf": 10,
    "perf-g": 20,
    "perf-trace": 6,
    "perf-trace-5": 6,
    "strace": 6,
    "strace-seccomp": 6,
    "ltrace": 6,
    "counts": 10,
    "samples": 10,
    "bpftrace": 15,
    "execsnoop": 15,
    "forkstat": 15,
}
MINUTE = 60


def loss(bench):
    rows = []
    for tool in [bench.bare, *bench.usable()]:
        seconds = 5 if tool is bench.bare else SHORT.get(tool.key, MINUTE)
        if bench.loss_seconds:
            seconds = min(seconds, bench.loss_seconds)
        result = try_session(bench, tool, [("loops", [bench.program("two_loops"), f"{seconds}s"], None)], seconds + 120)
        if result is None:
            rows.append({"tool": tool.key, "seconds": seconds})
            continue
        made = result["steps"]["loops"]["made"]
        own = "spawnscope" in tool.tags
        # The two loops are forked and execute nothing; to Spawnscope the shell, measure and two_loops are spawns as well.
        expected = made + 3 if own else made - 2
        row = {"tool": tool.key, "seconds": seconds, "made": made, "rate": made / seconds, "file_bytes": result["file_bytes"]}
        if tool.seen:
            row["expected"] = expected
            row["seen"] = tool.seen(result["reading"])
        if own:
            row["lost"] = summary_of(result["reading"]).lost
        rows.append(row)
        bench.say(f"loss: {tool.title}: {row.get('seen', '–')} of {row.get('expected', made)}")
    return {"rows": rows}
