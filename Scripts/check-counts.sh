#!/usr/bin/env bash
# Checks that a session holds every spawn: the number in `record`'s summary and the sum of `fold` equal what the program
# itself printed and what strace counted, with nothing lost. Exits with 1 when one number differs.
#
#     Scripts/check-counts.sh [--rounds N] [--count N] [--c-count N] [--output FILE] [--strace-only]
#
#     --rounds N       how often each workload is run (default 3)
#     --c-count N      spawns of the C workload (default 10000)
#     --count N        spawns of each other workload, even (default 2000)
#     --output FILE    the table (default Results/counts.md; - is standard output)
#     --strace-only    leave spawnscope out: compares the program with strace
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

ROUNDS=3
COUNT=2000
C_COUNT=10000
OUTPUT=$ROOT/Results/counts.md
STRACE_ONLY=
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --rounds) ROUNDS=${2:?--rounds needs a number} && shift 2 ;;
    --count) COUNT=${2:?--count needs a number} && shift 2 ;;
    --c-count) C_COUNT=${2:?--c-count needs a number} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    --strace-only) STRACE_ONLY=1 && shift ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done

install_dependencies test
if [ -z "$STRACE_ONLY" ]; then
    is_root || fail 77 "recording needs root: sudo -E $0"
    need_spawnscope
fi
need_workloads
make_scratch

# The last "spawned N" of a file.
program_count() { sed -n 's/^spawned \([0-9][0-9]*\)$/\1/p' "$1" | tail -n 1; }

strace_count() {
    strace -f -qq --signal=none -e trace=fork,vfork,clone,clone3 -o "$SCRATCH/strace.log" -- "$@" \
        >"$SCRATCH/strace.out" </dev/null
    [ "$(program_count "$SCRATCH/strace.out")" = "$PROGRAM_COUNT" ] || say "the program counted otherwise under strace"
    "$ROOT/Scripts/count_spawns.py" "$SCRATCH/strace.log"
}

# "N spawns" of the summary.
summary_spawns() { grep -oiE '[0-9][0-9,]* spawns?\b' "$1" | head -n 1 | tr -cd '0-9'; }

# "N lost", "lost N", "N events lost", "nothing lost" of the summary.
summary_lost() {
    if grep -qiE '\b(nothing|none|no events?) (was |were )?lost\b' "$1"; then
        echo 0
    else
        grep -oiE '[0-9][0-9,]* ((events?|records?) )?(were )?lost\b|\blost:? *[0-9][0-9,]*' "$1" | head -n 1 | tr -cd '0-9'
    fi
}

fold_sum() { "$SPAWNSCOPE" fold "$1" </dev/null | awk '{ sum += $NF } END { printf "%d\n", sum }'; }

ROWS=()
DIFFERENT=0
check_once() {
    local name=$1 round=$2 spawns=- folded=- lost=- counted status=0 verdict=equal
    shift 2
    rm -f -- "$SCRATCH"/session* "$SCRATCH"/*.out "$SCRATCH"/*.err
    if [ -n "$STRACE_ONLY" ]; then
        "$@" >"$SCRATCH/program.out" </dev/null || status=$?
    else
        "$SPAWNSCOPE" record -o "$SCRATCH/session" -- "$@" \
            >"$SCRATCH/program.out" 2>"$SCRATCH/summary.err" </dev/null || status=$?
        spawns=$(summary_spawns "$SCRATCH/summary.err") || spawns='?'
        lost=$(summary_lost "$SCRATCH/summary.err") || lost='?'
        folded=$(fold_sum "$SCRATCH/session") || folded='?'
    fi
    PROGRAM_COUNT=$(program_count "$SCRATCH/program.out")
    counted=$(strace_count "$@") || counted='?'
    if [ "$status" -ne 0 ] || [ -z "$PROGRAM_COUNT" ] || [ "$counted" != "$PROGRAM_COUNT" ]; then verdict=different; fi
    if [ -z "$STRACE_ONLY" ]; then
        if [ "$spawns" != "$PROGRAM_COUNT" ] || [ "$folded" != "$PROGRAM_COUNT" ] || [ "$lost" != 0 ]; then
            verdict=different
        fi
    fi
    if [ $verdict = different ]; then
        DIFFERENT=$((DIFFERENT + 1))
        if [ -s "$SCRATCH/summary.err" ]; then cat "$SCRATCH/summary.err" >&2; fi
    fi
    ROWS+=("| $name | $round | $PROGRAM_COUNT | $counted | $spawns | $folded | $lost | $verdict |")
    say "${ROWS[-1]}"
}

say "| workload | round | program | strace | session | fold | lost | |"
for round in $(seq "$ROUNDS"); do
    check_once "C, posix_spawn" "$round" "$WORKLOADS/spawn_loop" "$C_COUNT"
    if [ -x "$WORKLOADS/spawn_loop_go" ]; then
        check_once "Go 1.22, os/exec" "$round" "$WORKLOADS/spawn_loop_go" "$COUNT"
    fi
    check_once "Python, subprocess" "$round" "$PYTHON" "$WORKLOADS/spawn_loop.py" "$COUNT"
    check_once "dash" "$round" dash "$WORKLOADS/spawn_loop.sh" "$COUNT"
    check_once "make -j2" "$round" dash "$WORKLOADS/make_loop.sh" "$COUNT"
done

table() {
    cat <<END
# Every spawn counted

The number of spawns by four counters: the program's own, strace's fork, vfork, clone and clone3 less threads (another
run of the same program), the session's as \`record\` sums it up, and the sum of \`fold\`.

    Scripts/check-counts.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

| workload | round | program | strace | session | fold | lost | |
|---|---|---|---|---|---|---|---|
END
    printf '%s\n' "${ROWS[@]}"
}
if [ "$OUTPUT" = - ]; then
    table
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    table >"$OUTPUT"
    say "written: $OUTPUT"
fi
[ "$DIFFERENT" -eq 0 ] || fail 1 "$DIFFERENT of ${#ROWS[@]} rows differ"
