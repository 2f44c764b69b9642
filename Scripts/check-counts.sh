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
read_options '--rounds ROUNDS a number' '--count COUNT a number' '--c-count C_COUNT a number' '--output OUTPUT a file' \
    '--strace-only STRACE_ONLY' -- "$@"

install_dependencies test
if [ -z "$STRACE_ONLY" ]; then
    need_root
    need_spawnscope record fold
fi
need_workloads
make_scratch

strace_count() {
    strace -f -qq --signal=none -e trace=fork,vfork,clone,clone3 -o "$SCRATCH/strace.log" -- "$@" \
        >"$SCRATCH/strace.out" </dev/null
    [ "$(program_count "$SCRATCH/strace.out")" = "$PROGRAM_COUNT" ] || say "the program counted otherwise under strace"
    "$ROOT/Scripts/count_spawns.py" "$SCRATCH/strace.log"
}

fold_sum() { "$SPAWNSCOPE" fold "$1" </dev/null | awk '{ sum += $NF } END { printf "%d\n", sum }'; }

DIFFERENT=0
check_once() {
    local name=$1 round=$2 spawns=- folded=- lost=- counted status=0 verdict=equal
    shift 2
    if [ -n "$STRACE_ONLY" ]; then
        "$@" >"$SCRATCH/printed" </dev/null || status=$?
    else
        record_session -- "$@" || status=$?
        spawns=$(summary_spawns) || spawns='?'
        lost=$(summary_lost) || lost='?'
        folded=$(fold_sum "$SCRATCH/session") || folded='?'
    fi
    PROGRAM_COUNT=$(program_count "$SCRATCH/printed")
    counted=$(strace_count "$@") || counted='?'
    if [ "$status" -ne 0 ] || [ -z "$PROGRAM_COUNT" ] || [ "$counted" != "$PROGRAM_COUNT" ]; then verdict=different; fi
    if [ -z "$STRACE_ONLY" ]; then
        if [ "$spawns" != "$PROGRAM_COUNT" ] || [ "$folded" != "$PROGRAM_COUNT" ] || [ "$lost" != 0 ]; then
            verdict=different
        fi
    fi
    if [ $verdict = different ]; then
        DIFFERENT=$((DIFFERENT + 1))
        [ -n "$STRACE_ONLY" ] || cat "$SCRATCH/summary" >&2
    fi
    add_row "| $name | $round | $PROGRAM_COUNT | $counted | $spawns | $folded | $lost | $verdict |"
}

HEAD='| workload | round | program | strace | session | fold | lost | |'
say "$HEAD"
for round in $(seq "$ROUNDS"); do
    check_once "C, posix_spawn" "$round" "$WORKLOADS/spawn_loop" "$C_COUNT"
    if [ -x "$WORKLOADS/spawn_loop_go" ]; then
        check_once "Go 1.22, os/exec" "$round" "$WORKLOADS/spawn_loop_go" "$COUNT"
    fi
    check_once "Python, subprocess" "$round" "$PYTHON" "$WORKLOADS/spawn_loop.py" "$COUNT"
    check_once "dash" "$round" dash "$WORKLOADS/spawn_loop.sh" "$COUNT"
    check_once "make -j2" "$round" dash "$WORKLOADS/make_loop.sh" "$COUNT"
done

write_page "$OUTPUT" <<END
# Every spawn counted

The number of spawns by four counters: the program's own, strace's fork, vfork, clone and clone3 less threads (another
run of the same program), the session's as \`record\` sums it up, and the sum of \`fold\`.

    $(command_line)

$(measured_line)

$(print_table)
END
[ "$DIFFERENT" -eq 0 ] || fail 1 "$DIFFERENT of ${#ROWS[@]} rows differ"
