#!/usr/bin/env bash
# Checks the report's phases against a program that makes known delays and stamps the borders itself, in the same run.
# Exits with 1 when one is out of bounds.
#
#     Scripts/check-phases.sh [--count N] [--output FILE]
#
#     --count N        spawns of each program (default 200; 20 of the large one)
#     --output FILE    the table (default Results/phases.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

COUNT=200
OUTPUT=$ROOT/Results/phases.md
read_options '--count COUNT a number' '--output OUTPUT a file' -- "$@"

need_recorder record report

BAD=0
# check NAME METHOD COUNT [NAME=VALUE…]
check() {
    local name=$1 row
    shift
    record_session -- "$WORKLOADS/stamped" "$@" ||
        { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record: stamped $*"; }
    "$SPAWNSCOPE" report --format json --spawns "$SCRATCH/session" >"$SCRATCH/report"
    "$ROOT/Scripts/check_phases.py" "$name" "$SCRATCH/report" "$SCRATCH/printed" >"$SCRATCH/rows" || BAD=$((BAD + 1))
    while read -r row; do add_row "$row"; done <"$SCRATCH/rows"
}

check "fork" fork "$COUNT"
check "fork, short" fork "$COUNT" prepare=300 misses=2 between=100 run=1000 reap=500
check "fork, no delays" fork "$COUNT" prepare=0 misses=0 run=0 reap=0
check "fork, from 1 GiB" fork $(((COUNT + 9) / 10)) resident=1024
check "vfork" vfork "$COUNT"
check "vfork, short" vfork "$COUNT" prepare=300 misses=2 between=100 run=1000 reap=500
check "vfork, from 1 GiB" vfork $(((COUNT + 9) / 10)) resident=1024
check "posix_spawn" posix_spawn "$COUNT"
check "posix_spawn, 50 misses" posix_spawn "$COUNT" misses=50

HEAD="| program | phases | report's median | stamps' median | difference | deviation % | |"
write_page "$OUTPUT" <<END
# Phases beside a program's own stamps

A program starts itself with known delays (busy before its first exec attempt, a number of paths that miss, busy between them, busy
in \`main\`, a delay before the wait) and stamps CLOCK_MONOTONIC at the borders, of the same spawns that are recorded. *Difference* is the
median over single spawns of the absolute difference; *deviation* that of the sums, in percent. *Within*: the sum within 10%, or the
difference within its bound: what the kernel does around a border, the first page copies after a fork above all, is invisible to the program.
With posix_spawn the child is libc's and stamps nothing. Times in µs. Each spawn's phases add up to its total exactly, all are
known, and the failed attempts are as many as were made.

    $(command_line)

$(measured_line)

$(print_table)
END
[ "$BAD" -eq 0 ] || fail 1 "$BAD programs are out of bounds"
