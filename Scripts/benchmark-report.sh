#!/usr/bin/env bash
# How `report` scales: a real session repeated until it has 10,000, 100,000 and 1,000,000 spawns; seconds, MiB/s and peak memory of each
# format. Exits with 1 when a report does not have exactly the repeated session's spawns, or its time per MiB or its memory grows.
#
#     Scripts/benchmark-report.sh [--spawns "N N…"] [--rounds N] [--stack-size SIZE] [--output FILE]
#
#     --spawns "N N…"     sizes (default "10000 100000 1000000"; a spawn is about 8 KiB, so the last is 8 GiB on a disk)
#     --rounds N          how often each is timed; the table has medians (default 3)
#     --stack-size SIZE   as `record` has it (default: its default); 0 makes sessions smaller, without stack dumps
#     --output FILE       the table (default Results/report.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

SIZES="10000 100000 1000000"
ROUNDS=3
STACK_SIZE=
OUTPUT=$ROOT/Results/report.md
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --spawns) SIZES=${2:?--spawns needs numbers} && shift 2 ;;
    --rounds) ROUNDS=${2:?--rounds needs a number} && shift 2 ;;
    --stack-size) STACK_SIZE=${2:?--stack-size needs a size} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done

install_dependencies test
is_root || fail 77 "recording needs root: sudo -E $0"
need_spawnscope
"$SPAWNSCOPE" report --help >/dev/null 2>&1 || fail 69 "$SPAWNSCOPE has no report command: build this version"
need_workloads
make_scratch

# A hundred call sites, ten spawns each.
"$SPAWNSCOPE" record ${STACK_SIZE:+--stack-size "$STACK_SIZE"} -o "$SCRATCH/small" -- "$WORKLOADS/hundred_paths" 10 \
    >/dev/null 2>"$SCRATCH/summary" </dev/null || { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record"; }
"$SPAWNSCOPE" report --format json "$SCRATCH/small" >"$SCRATCH/small.json"

BAD=0
for size in $SIZES; do
    read -r copies spawns < <("$ROOT/Scripts/make_large_session.py" "$SCRATCH/small" "$size" "$SCRATCH/large")
    bytes=$(stat -c %s "$SCRATCH/large")
    cat -- "$SCRATCH/large" >/dev/null # found in the page cache, as far as there is room
    for kind in text json json-spawns csv; do
        case $kind in
        text) options=() ;;
        json-spawns) options=(--format json --spawns) ;;
        *) options=(--format "$kind") ;;
        esac
        for _ in $(seq "$ROUNDS"); do
            "$WORKLOADS/measure" "$SCRATCH/runs" "$SPAWNSCOPE" report "${options[@]}" "$SCRATCH/large" \
                >"$SCRATCH/out" 2>"$SCRATCH/errors" </dev/null || { cat -- "$SCRATCH/errors" >&2 && fail 1 "report ${options[*]} failed"; }
            sed -i "\$s/{/{\"kind\": \"$kind\", \"spawns\": $spawns, \"bytes\": $bytes, \"output\": $(stat -c %s "$SCRATCH/out"), /" "$SCRATCH/runs"
        done
        say "$spawns spawns, $((bytes >> 20)) MiB, $kind: $(tail -n 1 "$SCRATCH/runs")"
        case $kind in
        json) mv -- "$SCRATCH/out" "$SCRATCH/large.json" ;;
        json-spawns)
            [ "$(grep -c '"start_ns"' "$SCRATCH/out" || true)" -ge 1 ] || { say "no spawns in the output" && BAD=1; } ;;
        csv) [ "$(wc -l <"$SCRATCH/out")" -ge "$spawns" ] || { say "the CSV has $(wc -l <"$SCRATCH/out") lines" && BAD=1; } ;;
        esac
        rm -f -- "$SCRATCH/out"
    done
    "$PYTHON" - "$SCRATCH/small.json" "$SCRATCH/large.json" "$copies" <<'END' || BAD=1
import json, sys

small, large = (json.load(open(path)) for path in sys.argv[1:3])
copies = int(sys.argv[3])
problems = [
    f"{name}: {large['totals'][name]}, not {copies} times {small['totals'][name]}"
    for name in ("spawns", "execs", "forked", "failed", "failed_attempts", "unreaped", "orphaned", "unfinished")
    if large["totals"][name] != copies * small["totals"][name]
]
# The root's waits and the gaps between copies belong to no phase.
for phase, values in small["phases"].items():
    if large["phases"][phase]["count"] != copies * values["count"] or large["phases"][phase]["sum_ns"] != copies * values["sum_ns"]:
        problems.append(f"{phase}: {large['phases'][phase]}, not {copies} times {values}")
if len(large["callsites"]) != len(small["callsites"]):
    problems.append(f"{len(large['callsites'])} call sites, not {len(small['callsites'])}")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
END
    rm -f -- "$SCRATCH/large"
done

cat >"$SCRATCH/table.py" <<'END'
import json, statistics, sys

GROWTH = 1.3
runs = {}
for line in open(sys.argv[1]):
    run = json.loads(line)
    runs.setdefault((run["kind"], run["spawns"]), []).append(run)
measured = {}
print("| format | spawns | MiB | seconds (range) | MiB/s | peak MiB | output MiB |")
print("|---|---|---|---|---|---|---|")
for (kind, spawns), own in sorted(runs.items()):
    seconds = statistics.median(run["wall_s"] for run in own)
    mebibytes = own[0]["bytes"] / 2**20
    peak = max(run["peak_rss_kib"] for run in own) / 1024
    measured.setdefault(kind, []).append((mebibytes, seconds / mebibytes, peak))
    spread = f"{min(run['wall_s'] for run in own):.2f}–{max(run['wall_s'] for run in own):.2f}"
    name = {"json-spawns": "json --spawns"}.get(kind, kind)
    print(f"| {name} | {spawns} | {mebibytes:.0f} | {seconds:.2f} ({spread}) | {mebibytes / seconds:.0f} | {peak:.1f} | {own[0]['output'] / 2**20:.1f} |")
print()
good = True
for kind, rows in measured.items():
    (first, time, memory), (last, later_time, later_memory) = rows[0], rows[-1]
    flat = later_time <= GROWTH * time and later_memory <= GROWTH * memory
    good = good and flat
    name = {"json-spawns": "json --spawns"}.get(kind, kind)
    print(f"- {name}: over {last / first:.0f} times the session, {later_time / time:.2f} times the seconds per MiB and "
          f"{later_memory / memory:.2f} times the memory: {'flat' if flat else 'not flat'}")
sys.exit(not good)
END
"$PYTHON" "$SCRATCH/table.py" "$SCRATCH/runs" >"$SCRATCH/table" || BAD=1

page() {
    cat <<END
# \`report\` on large sessions

A session of 1,000 spawns at a hundred call sites, repeated with shifted pids and times; $ROUNDS rounds, medians. The peak is the resident set
of the process. Every report has exactly the repeated session's spawns and the sums of its phases. *Flat*: at most 1.3 times.

    Scripts/benchmark-report.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

$(cat -- "$SCRATCH/table")
END
}
if [ "$OUTPUT" = - ]; then
    page
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    page | tee "$OUTPUT"
    say "written: $OUTPUT"
fi
[ "$BAD" -eq 0 ] || fail 1 "a report is wrong, or its cost grows"
