#!/usr/bin/env bash
# Checks the report's account of every spawn against strace's: for each case of creating, executing, ending and reaping,
# and for Python, Go, shells and make. Each program is recorded, and run again under strace. Totals, failed attempts by
# path and errno, and each spawn's method, outcome, path, status, signal and flags must be equal, with nothing lost.
# Exits with 1 when one run differs.
#
#     Scripts/check-lifecycle.sh [--rounds N] [--count N] [--only TEXT] [--output FILE] [--strace-only]
#
#     --rounds N       how often each workload is run, in a row (default 3)
#     --count N        how often a case is run in each of these (default 2)
#     --only TEXT      only the workloads whose name contains TEXT
#     --output FILE    the table (default Results/lifecycle.md; - is standard output)
#     --strace-only    leave spawnscope out: compares the program's own count with strace's
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

ROUNDS=3
COUNT=2
ONLY=
OUTPUT=$ROOT/Results/lifecycle.md
STRACE_ONLY=
read_options '--rounds ROUNDS a number' '--count COUNT a number' '--only ONLY a text' '--output OUTPUT a file' \
    '--strace-only STRACE_ONLY' -- "$@"

install_dependencies test
need_root
[ -n "$STRACE_ONLY" ] || need_spawnscope record report
need_workloads
make_scratch

trace() {
    # A program that ends first leaves descendants that strace waits for; their pids do not matter afterwards.
    strace -f -ttt -s 65536 -e trace=fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction \
        -o "$SCRATCH/strace.log" -- "$@" >"$SCRATCH/strace.out" 2>&1 </dev/null || true
}

# spawns and the other totals as strace has them, as a row.
strace_row() {
    "$ROOT/Scripts/strace_lifecycle.py" "$SCRATCH/strace.log" >"$SCRATCH/strace.json" || return 1
    "$PYTHON" - "$SCRATCH/strace.json" "$1" <<'END'
import json, sys

totals = json.load(open(sys.argv[1]))["totals"]
equal = sys.argv[2] in ("", str(totals["spawns"]))
print(" | ".join(map(str, totals.values())), "|  |", "equal" if equal else "different")
sys.exit(not equal)
END
}

# No event tells that a parent with a handler asked the kernel to reap its children (SA_NOCLDWAIT).
KNOWN_LIMIT='C, waits: sigchld-nocldwait'
ROWS=()
RUNS=0
DIFFERENT=0
LIMITED=0
# check NAME COMMAND…: the rounds of one workload; those that are alike are one row.
check() {
    local name=$1 round row last='' alike=0
    shift
    case $name in *"$ONLY"*) ;; *) return 0 ;; esac
    for round in $(seq "$ROUNDS"); do
        rm -f -- "$SCRATCH"/session* "$SCRATCH"/*.out "$SCRATCH"/*.err "$SCRATCH"/*.json
        trace "$@"
        if [ -n "$STRACE_ONLY" ]; then
            row=$(strace_row "$(program_count "$SCRATCH/strace.out")") || DIFFERENT=$((DIFFERENT + 1))
        else
            "$SPAWNSCOPE" record -o "$SCRATCH/session" -- "$@" >"$SCRATCH/program.out" 2>"$SCRATCH/summary.err" </dev/null || true
            "$SPAWNSCOPE" report --format json --spawns "$SCRATCH/session" >"$SCRATCH/report.json" 2>"$SCRATCH/report.err" ||
                cat -- "$SCRATCH/summary.err" "$SCRATCH/report.err" >&2
            row=$("$ROOT/Scripts/compare_lifecycle.py" "$SCRATCH/report.json" "$SCRATCH/strace.log" \
                "$(program_count "$SCRATCH/program.out")" 2>"$SCRATCH/differences.err") || {
                if [[ $name == "$KNOWN_LIMIT" ]]; then row=${row/%different/a limit: see README}; fi
                if [[ $row == *'a limit: see README' ]]; then
                    LIMITED=$((LIMITED + 1))
                else
                    DIFFERENT=$((DIFFERENT + 1))
                fi
                sed "s/^/    $name, round $round: /" "$SCRATCH/differences.err" | head -n 20 >&2
            }
        fi
        RUNS=$((RUNS + 1))
        if [ -n "$last" ] && [ "$row" != "$last" ]; then
            ROWS+=("| $name | $alike | $last |")
            alike=0
        fi
        last=$row
        alike=$((alike + 1))
    done
    ROWS+=("| $name | $alike | $last |")
    say "${ROWS[-1]}"
}

HEAD='| workload | runs | spawns | execs | forked | failed | failed attempts | failed creations | unreaped | orphaned | unfinished | lost | |'
say "$HEAD"

# Where a cgroup v2 tree is mounted and can be written to.
SPAWNSCOPE_CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
export SPAWNSCOPE_CGROUP
LEFT_OUT=
for program in creations executions endings waits; do
    for mode in $("$WORKLOADS/$program" --modes); do
        if [ "$mode" = clone3-cgroup ] && ! { [ -n "$SPAWNSCOPE_CGROUP" ] && [ -w "$SPAWNSCOPE_CGROUP" ]; }; then
            LEFT_OUT="Left out: CLONE_INTO_CGROUP, since no cgroup can be made here."
            say "$LEFT_OUT"
            continue
        fi
        check "C, $program: $mode" "$WORKLOADS/$program" "$mode" "$COUNT"
    done
done
for mode in $("$PYTHON" "$WORKLOADS/lifecycles.py" --modes); do
    check "Python: $mode" "$PYTHON" "$WORKLOADS/lifecycles.py" "$mode" "$COUNT"
done
for shell in dash bash; do
    for mode in $("$shell" "$WORKLOADS/lifecycles.sh" --modes); do
        check "$shell: $mode" "$shell" "$WORKLOADS/lifecycles.sh" "$mode" "$COUNT"
    done
done
check "make -j4" make -s -j4 -f "$WORKLOADS/lifecycles.mk"
if [ -x "$WORKLOADS/spawn_loop_go" ]; then check "Go, os/exec" "$WORKLOADS/spawn_loop_go" $((COUNT * 10)); fi
[ "$RUNS" -gt 0 ] || fail 64 "no workload's name contains $ONLY"

write_page "$OUTPUT" <<END
# Every spawn's life, beside strace

Each program was recorded, and run again under \`strace -f\`, of whose log a model of its own makes the same numbers by the rules of
counting. *Equal*: totals, failed attempts by path and errno, and for each spawn method, outcome, path, exit status or signal,
unreaped, orphaned, unfinished, whether it was reaped, and what its spawner was started as; nothing lost; and as many as the program
itself says. Runs of one workload that gave the same row are one line.

    $(command_line)

$(measured_line), $(strace -V | head -n 1), $("$PYTHON" --version)

$((RUNS - DIFFERENT - LIMITED)) of $RUNS runs are equal, $LIMITED differ by a known limit.${LEFT_OUT:+ $LEFT_OUT}

$(print_table)
END
[ "$DIFFERENT" -eq 0 ] || fail 1 "$DIFFERENT of $RUNS runs differ"
