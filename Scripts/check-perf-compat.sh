#!/usr/bin/env bash
# Checks Spawnscope against perf, in both directions: what perf recorded folds to the same lines here as by
# `perf script | stackcollapse-perf.pl`, and what Spawnscope recorded is read by perf without a word on standard error,
# stack dumps included.
#
#     STACKCOLLAPSE=PATH Scripts/check-perf-compat.sh [--output FILE] [--perf-only]
#
#     STACKCOLLAPSE    path of a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection; not part of Spawnscope);
#                      without it only perf's reading of a session is checked
#     --output FILE    writes the table there too
#     --perf-only      leave spawnscope out: shows what would be compared
#     KEEP=1           keeps the recordings
#
# Needs root. Exits with 1 when anything differs.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

OUTPUT=
PERF_ONLY=
read_options '--output OUTPUT a file' '--perf-only PERF_ONLY' -- "$@"

need_root
install_dependencies bench
[ -n "$PERF_ONLY" ] || need_spawnscope record fold
need_workloads
make_scratch
COMPARE=1
need_stackcollapse || {
    COMPARE=
    say "STACKCOLLAPSE is not set: folded stacks are not compared"
}

BAD=0
# row CASE EVENT LINES VERDICT
row() {
    add_row "| $1 | $2 | $3 | $4 |"
    case $4 in equal | silent | "no stacks" | "perf only") ;; *) BAD=$((BAD + 1)) ;; esac
}

events_of() { perf evlist -i "$1" 2>/dev/null | grep -v -e '^#' -e '^dummy' -e '^$'; }

# Every event of a recording, folded by both.
compare_file() {
    local name=$1 file=$2 event lines
    [ -n "$COMPARE" ] || return 0
    while IFS= read -r event; do
        perf_fold "$file" "$event" >"$SCRATCH/theirs.folded" || {
            row "$name" "$event" 0 "perf script or $STACKCOLLAPSE failed"
            continue
        }
        lines=$(wc -l <"$SCRATCH/theirs.folded")
        if [ -n "$PERF_ONLY" ]; then
            row "$name" "$event" "$lines" "perf only"
            continue
        fi
        if ! "$SPAWNSCOPE" fold "$file" --event "$event" --names perf 2>"$SCRATCH/fold.err" </dev/null |
            LC_ALL=C sort >"$SCRATCH/ours.folded" &&
            # What has no samples or no callchains folds to nothing, and may well be called an error.
            { [ "$lines" -ne 0 ] || [ -s "$SCRATCH/ours.folded" ]; }; then
            row "$name" "$event" "$lines" "failed: $(head -n 1 "$SCRATCH/fold.err")"
        elif [ ! -s "$SCRATCH/theirs.folded" ] && [ ! -s "$SCRATCH/ours.folded" ]; then
            row "$name" "$event" 0 "no stacks"
        elif diff "$SCRATCH/theirs.folded" "$SCRATCH/ours.folded" >"$SCRATCH/difference"; then
            row "$name" "$event" "$lines" equal
        else
            row "$name" "$event" "$lines" "different in $(grep -c '^[<>]' "$SCRATCH/difference") lines"
            head -n 6 "$SCRATCH/difference" >&2
        fi
    done < <(events_of "$file")
}

# by_perf NAME RECORD-OPTION… -- COMMAND…; -N keeps copies of the programs out of ~/.debug, the file is the same
by_perf() {
    local name=$1 file=$SCRATCH/perf.data
    shift
    rm -f -- "$SCRATCH"/perf.data*
    perf record -q -N -o "$file" "$@" >/dev/null 2>"$SCRATCH/record.err" </dev/null || {
        row "$name" - 0 "perf record failed: $(head -n 1 "$SCRATCH/record.err")"
        return 0
    }
    if [ -n "${KEEP:-}" ]; then cp -- "$file" "$SCRATCH/kept-${name//[^a-z0-9-]/_}.data"; fi
    compare_file "$name" "$file"
}

# One recording that starts while the program already runs.
by_perf_of_pid() {
    local name=$1 pid
    shift
    "$WORKLOADS/busy" 60000 >/dev/null &
    pid=$!
    by_perf "$name" "$@" -p "$pid" -- sleep 1
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
}

# perf_reads NAME FILE TOOL ARGUMENT…: the tool succeeds, prints something, and says nothing on standard error.
perf_reads() {
    local name=$1 file=$2 status=0
    shift 2
    "$@" >"$SCRATCH/reader.out" 2>"$SCRATCH/reader.err" </dev/null || status=$?
    if [ "$status" -ne 0 ] || [ -s "$SCRATCH/reader.err" ]; then
        row "$name" "${*:1:2}" 0 "status $status: $(head -n 1 "$SCRATCH/reader.err")"
    elif [ ! -s "$SCRATCH/reader.out" ]; then
        row "$name" "${*:1:2}" 0 "printed nothing"
    else
        row "$name" "${*:1:2}" "$(wc -l <"$SCRATCH/reader.out")" silent
    fi
}

# session NAME RECORD-OPTION… -- COMMAND…
session() {
    local name=$1
    shift
    record_session "$@" || {
        row "$name" - 0 "spawnscope record failed: $(head -n 1 "$SCRATCH/summary")"
        return 1
    }
    if [ -n "${KEEP:-}" ]; then cp -- "$SCRATCH/session" "$SCRATCH/kept-${name//[^a-z0-9-]/_}.data"; fi
}

# by_spawnscope NAME RECORD-OPTION… -- COMMAND…: perf reads a session as it is recorded without options. The lines are
# compared on one without stack dumps: perf unwinds those itself and puts what it finds behind the callchain of the
# kernel, which has the innermost frames already.
by_spawnscope() {
    local name=$1 file=$SCRATCH/session
    shift
    session "$name" "$@" || return 0
    perf_reads "$name" "$file" perf script -i "$file"
    perf_reads "$name" "$file" perf report -i "$file" --stdio
    perf_reads "$name" "$file" perf evlist -v -i "$file"
    [ -n "$COMPARE" ] || return 0
    session "$name, --stack-size 0" --stack-size 0 "$@" || return 0
    perf_reads "$name, --stack-size 0" "$file" perf script -i "$file"
    compare_file "$name, --stack-size 0" "$file"
}

SPAWN_LOOP=("$WORKLOADS/spawn_loop" 200)
TRACEPOINTS=sched:sched_process_fork,sched:sched_process_exec,sched:sched_process_exit,syscalls:sys_enter_execve

if [ -n "$COMPARE" ]; then
    by_perf "C, default event -g" -g -- "$WORKLOADS/busy" 500
    by_perf "C, cpu-clock -g" -g -e cpu-clock -- "$WORKLOADS/busy" 500
    by_perf "C, cpu-clock:u -g" -g -e cpu-clock:u -- "$WORKLOADS/busy" 500
    by_perf "C, cpu-clock -g -c" -g -e cpu-clock -c 500000 -- "$WORKLOADS/busy" 500
    by_perf_of_pid "C, cpu-clock -g -p" -g -e cpu-clock
    by_perf "C spawns, cpu-clock -g" -g -F 5000 -e cpu-clock -- "${SPAWN_LOOP[@]}"
    by_perf "C spawns, cpu-clock -a -g" -a -g -F 5000 -e cpu-clock -- "${SPAWN_LOOP[@]}"
    by_perf "C call paths, newtask -g" -g -e task:task_newtask -- "$WORKLOADS/call_paths" -r 50
    by_perf "C call paths, tracepoints -a -g" -a -g -e "$TRACEPOINTS" -- "$WORKLOADS/call_paths" 50
    by_perf "C, three events -g" -g -e cpu-clock,page-faults,context-switches -- "${SPAWN_LOOP[@]}"
    by_perf "C, cpu-clock and a tracepoint -g" -g -F 5000 -e cpu-clock,sched:sched_process_exec -- "${SPAWN_LOOP[@]}"
    by_perf "C++ threads, cpu-clock -g" -g -F 5000 -e cpu-clock -- "$WORKLOADS/spawn_threads" 200
    by_perf "C++ threads, newtask -a -g" -a -g -e task:task_newtask -- "$WORKLOADS/spawn_threads" 200
    by_perf "Python, cpu-clock -g" -g -F 5000 -e cpu-clock -- "$PYTHON" "$WORKLOADS/spawn_loop.py" 100
    by_perf "Python, newtask -g" -g -e task:task_newtask -- "$PYTHON" "$WORKLOADS/spawn_loop.py" 100
    by_perf "dash, cpu-clock -a -g" -a -g -F 5000 -e cpu-clock -- dash "$WORKLOADS/spawn_loop.sh" 100
    by_perf "make -j2, execve -a -g" -a -g -e syscalls:sys_enter_execve -- dash "$WORKLOADS/make_loop.sh" 100
    if [ -x "$WORKLOADS/spawn_loop_go" ]; then
        by_perf "Go, cpu-clock -g" -g -F 5000 -e cpu-clock -- "$WORKLOADS/spawn_loop_go" 200
        by_perf "Go, clone and execve -a -g" -a -g -e syscalls:sys_enter_clone,syscalls:sys_enter_execve -- \
            "$WORKLOADS/spawn_loop_go" 200
    fi
fi
if [ -z "$PERF_ONLY" ]; then
    by_spawnscope "session, C" -- "${SPAWN_LOOP[@]}"
    by_spawnscope "session, C call paths" -- "$WORKLOADS/call_paths" 50
    by_spawnscope "session, C --sample" --sample 999 -- "${SPAWN_LOOP[@]}"
    by_spawnscope "session, C++ threads" -- "$WORKLOADS/spawn_threads" 200
    by_spawnscope "session, Python" -- "$PYTHON" "$WORKLOADS/spawn_loop.py" 100
    by_spawnscope "session, dash" -- dash "$WORKLOADS/spawn_loop.sh" 100
    by_spawnscope "session, make -j2" -- dash "$WORKLOADS/make_loop.sh" 100
    if [ -x "$WORKLOADS/spawn_loop_go" ]; then by_spawnscope "session, Go" -- "$WORKLOADS/spawn_loop_go" 200; fi
    by_spawnscope "session, -e execve -g" -e syscalls:sys_enter_execve -g -- "${SPAWN_LOOP[@]}"
fi

HEAD='| recording | event or reader | lines | |'
if [ -n "$OUTPUT" ]; then
    write_page "$OUTPUT" <<END
# Beside perf

Recordings of perf folded by both, and sessions of Spawnscope read by perf ("silent": nothing on standard error). Those that are
folded by both have no stack dumps (\`--stack-size 0\`): perf unwinds dumps itself and puts what it finds behind the kernel's callchain,
so that its lines begin with functions that called nothing, such as \`clone3;[unknown];clone3\`.

    STACKCOLLAPSE=… Scripts/check-perf-compat.sh

$(measured_line), $(perf --version)

$(print_table)
END
fi
[ ${#ROWS[@]} -gt 0 ] || fail 78 "nothing was checked: set STACKCOLLAPSE, or leave out --perf-only"
[ "$BAD" -eq 0 ] || fail 1 "$BAD of ${#ROWS[@]} rows are not as they should be"
