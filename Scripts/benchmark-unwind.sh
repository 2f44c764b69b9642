#!/usr/bin/env bash
# How fast call sites are unwound: frames a second of one core, from sessions of programs with stacks of all kinds.
#
#     Scripts/benchmark-unwind.sh [--count N] [--rounds N] [--output FILE]
#
#     --count N        spawns of each workload, even (default 1000)
#     --rounds N       how often each stack is unwound warm (default 50)
#     --output FILE    the table (default Results/unwind.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

COUNT=1000
ROUNDS=50
OUTPUT=$ROOT/Results/unwind.md
read_options '--count COUNT a number' '--rounds ROUNDS a number' '--output OUTPUT a file' -- "$@"

need_recorder record
RATE=$(release_program UnwindRate)

measure() {
    local name=$1
    shift
    record_session --no-pack -- "$@" || fail 1 "$(cat "$SCRATCH/summary")"
    "$RATE" "$SCRATCH/session" "$ROUNDS" >"$SCRATCH/rate"
    add_row "$(awk -v name="$name" '
        { value[$1] = $2 }
        END {
            printf "| %s | %d | %.1f | %.2f | %.3f | %.4f |", name, value["stacks"], value["frames"] / value["stacks"],
                value["warm"] / 1e6, value["cold"] / 1e6, value["anew"] / 1e6
        }' "$SCRATCH/rate")"
}

HEAD='| program | stacks | frames each | warm, million frames/s | cold | anew |'
say "$HEAD"
measure "C -O2, posix_spawn" "$WORKLOADS/spawn_loop_bare" "$COUNT"
measure "C, a hundred paths" "$WORKLOADS/hundred_paths" "$((COUNT / 100 + 1))"
measure "C++, threads" "$WORKLOADS/spawn_threads_bare" "$COUNT"
measure "Go" "$WORKLOADS/spawn_loop_go" "$COUNT"
measure "Go, stripped" "$WORKLOADS/spawn_loop_go_stripped" "$COUNT"
measure "dash" dash "$WORKLOADS/spawn_loop.sh" "$COUNT"
measure "bash" bash "$WORKLOADS/spawn_loop.sh" "$COUNT"
measure "CPython of Debian" /usr/bin/python3 "$WORKLOADS/spawn_loop.py" "$COUNT"
measure "perl" perl "$WORKLOADS/spawn_loop.pl" "$COUNT"

write_page "$OUTPUT" <<END
# Unwinding: frames a second on one core

All the stack dumps of a session, decoding their registers included. *Warm*: every stack $ROUNDS times, its rules known. *Cold*: every stack
once with no rule known, the images' tables read. *Anew*: the images read again, too, for every stack.

    $(command_line)

$(measured_line)

$(print_table)
END
