#!/usr/bin/env bash
# Checks the report's phases against a program that makes known delays and stamps the borders itself, in the same run. Exits with 1 when
# one is out of bounds.
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
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --count) COUNT=${2:?--count needs a number} && shift 2 ;;
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

BAD=0
: >"$SCRATCH/rows"
# check NAME METHOD COUNT [NAME=VALUE…]
check() {
    local name=$1
    shift
    rm -f -- "$SCRATCH"/session*
    "$SPAWNSCOPE" record -o "$SCRATCH/session" -- "$WORKLOADS/stamped" "$@" >"$SCRATCH/stamps" 2>"$SCRATCH/summary" </dev/null ||
        { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record: stamped $*"; }
    "$SPAWNSCOPE" report --format json --spawns "$SCRATCH/session" >"$SCRATCH/report"
    "$ROOT/Scripts/check_phases.py" "$name" "$SCRATCH/report" "$SCRATCH/stamps" >"$SCRATCH/new" || BAD=$((BAD + 1))
    tee -a "$SCRATCH/rows" <"$SCRATCH/new" >&2
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

table() {
    cat <<END
# Phases beside a program's own stamps

A program starts itself with known delays (busy before its first exec attempt, a number of paths that miss, busy between them, busy
in \`main\`, a delay before the wait) and stamps CLOCK_MONOTONIC at the borders, of the same spawns that are recorded. *Difference* is the
median over single spawns of the absolute difference; *deviation* that of the sums, in percent. *Within*: the sum within 10%, or the
difference within its bound: what the kernel does around a border, the first page copies after a fork above all, is invisible to the program.
With posix_spawn the child is libc's and stamps nothing. Times in µs. Each spawn's phases add up to its total exactly, all are
known, and the failed attempts are as many as were made.

    Scripts/check-phases.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

| program | phases | report's median | stamps' median | difference | deviation % | |
|---|---|---|---|---|---|---|
END
    sed '/^$/d' "$SCRATCH/rows"
}
if [ "$OUTPUT" = - ]; then
    table
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    table >"$OUTPUT"
    say "written: $OUTPUT"
fi
[ "$BAD" -eq 0 ] || fail 1 "$BAD programs are out of bounds"
