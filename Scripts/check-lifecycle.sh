#!/usr/bin/env bash
# Checks the report's account of every spawn against strace's: for each case of creating, executing, ending and reaping,
# and for Python, Go, shells and make. Each program is recorded, and run again under strace. Totals, failed attempts by
# path and errno, and each spawn's method, outcome, path, status, signal and flags must be equal, with nothing lost.
# Then each is run under a strace that is itself recorded, and so are Java, Node, git, dpkg, nginx, PostgreSQL, bubblewrap, 32-bit programs and
# denied calls: both saw the same processes, and every field of each is compared.
# Exits with 1 when one run differs.
#
#     Scripts/check-lifecycle.sh [--rounds N] [--count N] [--only TEXT] [--output FILE] [--strace-only] [--same-only]
#
#     --rounds N       how often each workload is run, in a row (default 3)
#     --count N        how often a case is run in each of these (default 2)
#     --only TEXT      only the workloads whose name contains TEXT
#     --output FILE    the table (default Results/lifecycle.md; - is standard output)
#     --strace-only    leave spawnscope out: compares the program's own count with strace's
#     --same-only      only the runs under a strace that is recorded
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"
# shellcheck source=Scripts/lifecycles/programs.sh
. "$ROOT/Scripts/lifecycles/programs.sh"

ROUNDS=3
COUNT=2
ONLY=
OUTPUT=$ROOT/Results/lifecycle.md
STRACE_ONLY=
SAME_ONLY=
read_options '--rounds ROUNDS a number' '--count COUNT a number' '--only ONLY a text' '--output OUTPUT a file' \
    '--strace-only STRACE_ONLY' '--same-only SAME_ONLY' -- "$@"

install_dependencies test
need_root
[ -n "$STRACE_ONLY" ] || need_spawnscope record report
need_workloads
make_scratch

TRACED=fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction
trace() {
    # A program that ends first leaves descendants that strace waits for; their pids do not matter afterwards.
    strace -f -ttt -s 65536 -e "trace=$TRACED" -o "$SCRATCH/strace.log" -- "$@" >"$SCRATCH/strace.out" 2>&1 </dev/null || true
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

# No event tells that a parent with a handler asked the kernel to reap its children (SA_NOCLDWAIT), for which the report says that it does
# not know; nor of a call by int $0x80 that led to nothing.
is_known_limit() {
    case $1 in 'C, waits: sigchld-nocldwait' | 'int $0x80: old-failure') ;; *) return 1 ;; esac
}
RUNS=0
DIFFERENT=0
LIMITED=0
SAME_ROWS=()
SAME_RUNS=0
SAME_DIFFERENT=0
SAME_LIMITED=0
# check NAME COMMAND…: the rounds of one workload; those that are alike are one row.
check() {
    local name=$1 round row last='' alike=0
    shift
    case $name in *"$ONLY"*) ;; *) return 0 ;; esac
    [ -n "$STRACE_ONLY" ] || check_same "$name" "$@"
    [ -z "$SAME_ONLY" ] || return 0
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
                if is_known_limit "$name"; then row=${row/%different/a limit: see README}; fi
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

# check_same NAME COMMAND…: the rounds of one workload under a strace that is recorded; {} in COMMAND is a new directory for each.
# With MUST_SUCCEED one that fails is told: what it did not come to was not compared.
MUST_SUCCEED=
check_same() {
    local name=$1 round run row status failed='' runs=()
    shift
    case $name in *"$ONLY"*) ;; *) return 0 ;; esac
    for round in $(seq "$ROUNDS"); do
        run=$SCRATCH/same/$round
        runs+=("$run")
        rm -rf -- "$run" "$SCRATCH/work" "$SCRATCH"/session*
        mkdir -p -- "$run" "$SCRATCH/work"
        "$ROOT/Scripts/clock_difference.py" >"$run/clock"
        "$SPAWNSCOPE" record -o "$SCRATCH/session" -- strace -f -v -ttt -T -s 65536 --decode-pids=pidns --quiet=none -o "$run/strace.log" \
            -e "trace=$TRACED,waitpid,kill,tkill,tgkill,unshare,exit,exit_group" -- "${@/#"{}"/$SCRATCH/work}" \
            >"$SCRATCH/program.out" 2>"$SCRATCH/summary.err" </dev/null && status=0 || status=$?
        "$ROOT/Scripts/clock_difference.py" >>"$run/clock"
        if [ -n "$MUST_SUCCEED" ] && [ "$status" -ne 0 ]; then
            failed=$status
            tail -n 20 -- "$SCRATCH/program.out" "$SCRATCH/summary.err" >&2
        fi
        "$SPAWNSCOPE" report --format json --spawns "$SCRATCH/session" >"$run/report.json" 2>"$SCRATCH/report.err" ||
            cat -- "$SCRATCH/summary.err" "$SCRATCH/report.err" >&2
    done
    row=$("$ROOT/Scripts/compare_same_recording.py" "${runs[@]}" 2>"$SCRATCH/differences.err") || {
        if is_known_limit "$name"; then row=${row/%different/a limit: see README}; fi
        if [[ $row == *'a limit: see README' ]]; then
            SAME_LIMITED=$((SAME_LIMITED + ROUNDS))
        else
            SAME_DIFFERENT=$((SAME_DIFFERENT + ROUNDS))
        fi
        sed "s/^/    $name, /" "$SCRATCH/differences.err" | head -n 40 >&2
    }
    if [ -n "$failed" ]; then
        row="$row, and the program failed with $failed"
        SAME_DIFFERENT=$((SAME_DIFFERENT + ROUNDS))
    fi
    SAME_RUNS=$((SAME_RUNS + ROUNDS))
    SAME_ROWS+=("| $name | $ROUNDS | $row |")
    say "${SAME_ROWS[-1]}"
}

LEFT_OUT=
leave_out() {
    say "left out: $1"
    LEFT_OUT="${LEFT_OUT:+$LEFT_OUT$'\n'}Left out: $1."
}

HEAD='| workload | runs | spawns | execs | forked | failed | failed attempts | failed creations | unreaped | orphaned | unfinished | lost | |'
say "$HEAD"

# Where a cgroup v2 tree is mounted and can be written to.
SPAWNSCOPE_CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
export SPAWNSCOPE_CGROUP
for program in creations executions endings waits; do
    for mode in $("$WORKLOADS/$program" --modes); do
        if [ "$mode" = clone3-cgroup ] && ! { [ -n "$SPAWNSCOPE_CGROUP" ] && [ -w "$SPAWNSCOPE_CGROUP" ]; }; then
            leave_out "CLONE_INTO_CGROUP, since no cgroup can be made here"
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
[ -n "$STRACE_ONLY" ] || check_programs
[ $((RUNS + SAME_RUNS)) -gt 0 ] || fail 64 "no workload's name contains $ONLY"

two_runs_section() {
    [ "$RUNS" -gt 0 ] || return 0
    cat <<END
## Two runs

Each program was recorded, and run again under \`strace -f\`, of whose log a model of its own makes the same numbers by the rules of
counting. *Equal*: totals, failed attempts by path and errno, and for each spawn method, outcome, path, exit status or signal,
unreaped, orphaned, unfinished, whether it was reaped, and what its spawner was started as; nothing lost; and as many as the program
itself says. Runs of one workload that gave the same row are one line.

$((RUNS - DIFFERENT - LIMITED)) of $RUNS runs are equal, $LIMITED differ by a known limit.

$(print_table)

END
}

same_recording_section() {
    [ "$SAME_RUNS" -gt 0 ] || return 0
    HEAD='| workload | runs | spawns | equal | not known | strace cannot decide | |'
    ROWS=("${SAME_ROWS[@]}")
    cat <<END
## The same recording

\`spawnscope record -- strace -f … -- PROGRAM\`: both see the same processes, and each spawn below strace is looked up by its pid. The figures
count fields: of each spawn its spawner, method, outcome, path, chain of programs, number of execs and failed attempts, exit status or
signal and who sent that, unreaped, orphaned, unfinished, reaped, bytes of argv and of the environment, and whether its creation, its
first exec and its end lie between strace's stamps of the call before and after; of the recording failed attempts by path and errno,
every total, and that nothing was lost.

- Left out are the processes that strace starts to try out the kernel: the recording has them as children of its root, the log has not. Of
  PROGRAM itself strace is the parent, so that who made and reaped it is not compared.
- *Not known*: the report says nothing, and says so. 32-bit system calls fire no tracepoint, nor does the entry of one that a
  filter denies, whose path therefore is not told; nor does anything when the kernel reaps a child (SA_NOCLDWAIT). A value that is given has
  to be right there, too.
- *strace cannot decide*: who sent a SIGKILL that no kill(2) of a single process tells of; the order of two ends that strace told within 5 ms of each
  other; what a script whose file is gone, or was named by a relative path, has as an interpreter; an environment passed as NULL.
- ptrace itself changes what happens, not what is told: a child's end is told to strace first, and to its parent when strace has waited; a SIGCHLD that
  comes late restarts a fork, whose creation counts from the first time that it was asked for.
- Not compared: phases' lengths (Scripts/check-phases.sh), call sites (Scripts/check-stacks.sh, Scripts/check-gdb.sh), time blocked, sizes of
  the spawner, which strace does not tell.

$((SAME_RUNS - SAME_DIFFERENT - SAME_LIMITED)) of $SAME_RUNS runs are equal, $SAME_LIMITED differ by a known limit.

$(print_table)
END
}

write_page "$OUTPUT" <<END
# Every spawn's life, beside strace

    $(command_line)

$(measured_line), $(strace -V | head -n 1), $("$PYTHON" --version)${PROGRAM_VERSIONS:+, $PROGRAM_VERSIONS}
${LEFT_OUT:+
$LEFT_OUT
}
$(two_runs_section)

$(same_recording_section)
END
[ $((DIFFERENT + SAME_DIFFERENT)) -eq 0 ] || fail 1 "$((DIFFERENT + SAME_DIFFERENT)) of $((RUNS + SAME_RUNS)) runs differ"
