#!/usr/bin/env bash
# Checks that call-site stacks reach their outermost frame, beside perf with frame pointers and with DWARF on the same
# workloads; and that no frame is wrong, on a program of which every call path is known. Exits with 1 when a workload
# stays below 99.9% or a path is not as it was called.
#
#     Scripts/check-stacks.sh [--count N] [--paths N] [--output FILE]
#
#     --count N        spawns of each workload, even (default 300)
#     --paths N        spawns along each of the hundred known paths (default 100)
#     --output FILE    the table (default Results/stacks.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

COUNT=300
PATHS=100
OUTPUT=$ROOT/Results/stacks.md
read_options '--count COUNT a number' '--paths PATHS a number' '--output OUTPUT a file' -- "$@"

need_recorder record fold

BAD=0
NOT_THREAD='!(clone_flags & 65536)'

# share REACHED ALL: "300 of 300, 100.0%", or - for nothing at all
share() {
    awk -v a="$1" -v b="$2" 'BEGIN { if (b) printf "%d of %d, %.1f%%", a, b, int(1000 * a / b) / 10; else print "-" }'
}

# perf_share CALL-GRAPH COMMAND…
perf_share() {
    local graph=$1
    shift
    rm -f -- "$SCRATCH/perf.data"
    perf record -q -e task:task_newtask --filter "$NOT_THREAD" --call-graph "$graph" -m 16M -o "$SCRATCH/perf.data" \
        -- "$@" >/dev/null 2>&1 </dev/null || true
    # shellcheck disable=SC2046  # two numbers
    share $(perf script -i "$SCRATCH/perf.data" --no-inline -F ip,sym,dso 2>/dev/null |
        "$ROOT/Scripts/check_stacks.py" perf "${PROGRAMS[@]}")
}

# check_once NAME PROGRAM,… COMMAND…: PROGRAMs are the files that the spawners execute, as perf names them.
PROGRAMS=()
check_once() {
    local name=$1 counts truncated status=0
    mapfile -t PROGRAMS < <(tr , '\n' <<<"$2")
    shift 2
    record_session -- "$@" || status=$?
    [ "$status" -eq 0 ] || { cat "$SCRATCH/summary" >&2 && fail 1 "$name ended with $status"; }
    "$SPAWNSCOPE" fold --frames callsite "$SCRATCH/session" >"$SCRATCH/folded" 2>"$SCRATCH/said"
    counts=$("$ROOT/Scripts/check_stacks.py" folded "${PROGRAMS[@]}" <"$SCRATCH/folded")
    truncated=$(awk -F '[; ]' '$1 == "[truncated]" { sum += $NF } END { print sum + 0 }' "$SCRATCH/folded")
    # What says of itself that it is whole must end where a program or a thread starts, by the names.
    # shellcheck disable=SC2086  # two numbers
    set -- "$(share $counts)" "$truncated" "$(perf_share fp "$@")" "$(perf_share dwarf,16384 "$@")"
    if ! awk -v c="$counts" 'BEGIN { split(c, n, " "); exit !(n[2] > 0 && n[1] >= 0.999 * n[2]) }'; then
        BAD=$((BAD + 1))
        head -3 "$SCRATCH/folded" >&2
        cat "$SCRATCH/said" >&2
    fi
    add_row "| $name | $1 | $2 | $3 | $4 |"
}

HEAD='| workload | spawnscope | of them truncated | perf, frame pointers | perf, DWARF |'
say "$HEAD"
for method in posix_spawn fork vfork clone3 system popen; do
    check_once "C -O2, $method" "$WORKLOADS/spawn_loop_bare" "$WORKLOADS/spawn_loop_bare" -m "$method" "$COUNT"
done
check_once "C++, threads" "$WORKLOADS/spawn_threads_bare" "$WORKLOADS/spawn_threads_bare" "$COUNT"
if [ -x "$WORKLOADS/spawn_loop_rust" ]; then
    check_once "Rust" "$WORKLOADS/spawn_loop_rust" "$WORKLOADS/spawn_loop_rust" "$COUNT"
fi
check_once "Swift" "$WORKLOADS/spawn_loop_swift" "$WORKLOADS/spawn_loop_swift" "$COUNT"
check_once "Go" "$WORKLOADS/spawn_loop_go" "$WORKLOADS/spawn_loop_go" "$COUNT"
# Without symbols, but with the code where its twin has it.
GOEXIT=$(nm "$WORKLOADS/spawn_loop_go" | awk '$3 ~ /^runtime\.goexit(\.abi0)?$/ { print $1 }')
check_once "Go, stripped" "$WORKLOADS/spawn_loop_go_stripped=$GOEXIT" "$WORKLOADS/spawn_loop_go_stripped" "$COUNT"
check_once "dash" /usr/bin/dash dash "$WORKLOADS/spawn_loop.sh" "$COUNT"
check_once "bash" /usr/bin/bash bash "$WORKLOADS/spawn_loop.sh" "$COUNT"
check_once "CPython of Debian" "$(realpath /usr/bin/python3)" /usr/bin/python3 "$WORKLOADS/spawn_loop.py" "$COUNT"
check_once "perl" /usr/bin/perl /usr/bin/perl "$WORKLOADS/spawn_loop.pl" "$COUNT"
check_once "make -j2, sh" /usr/bin/make,/usr/bin/dash dash "$WORKLOADS/make_loop.sh" "$COUNT"

# Every path of the program is known: what the fold says beside them is wrong.
record_session -- "$WORKLOADS/hundred_paths" "$PATHS"
PATHS_VERDICT=$("$SPAWNSCOPE" fold --frames callsite "$SCRATCH/session" | "$ROOT/Scripts/check_paths.py" "$PATHS") ||
    BAD=$((BAD + 1))
say "$PATHS_VERDICT"

write_page "$OUTPUT" <<END
# Call sites that reach their outermost frame

Spawns whose call-site stack ends at the program's entry, at the start of its thread or at Go's goexit, of all spawns: by
Spawnscope, and by \`perf record --call-graph fp\` and \`dwarf\` with the same tracepoint (\`task:task_newtask\`) on the same workload,
16 KiB of stack in both. *Of them truncated*: the stacks that Spawnscope itself marks so. perf's stacks are taken as they are, right or
wrong in between.

    $(command_line)

$(measured_line), $(perf --version)

$(print_table)

## Wrong frames

On \`hundred_paths\`, whose every call path is known: $PATHS_VERDICT
END
[ "$BAD" -eq 0 ] || fail 1 "$BAD checks failed"
