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
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --count) COUNT=${2:?--count needs a number} && shift 2 ;;
    --rounds) ROUNDS=${2:?--rounds needs a number} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done

install_dependencies test
is_root || fail 77 "recording needs root: sudo -E $0"
need_spawnscope
swift build --package-path "$ROOT" -c release --static-swift-stdlib --product UnwindRate >&2
RATE=$(swift build --package-path "$ROOT" -c release --static-swift-stdlib --show-bin-path)/UnwindRate
need_workloads
make_scratch

ROWS=()
measure() {
    local name=$1
    shift
    rm -f -- "$SCRATCH"/session*
    "$SPAWNSCOPE" record -o "$SCRATCH/session" -- "$@" >/dev/null 2>"$SCRATCH/said" </dev/null || fail 1 "$(cat "$SCRATCH/said")"
    "$RATE" "$SCRATCH/session" "$ROUNDS" >"$SCRATCH/rate"
    ROWS+=("$(awk -v name="$name" '
        { value[$1] = $2 }
        END {
            printf "| %s | %d | %.1f | %.2f | %.3f | %.4f |", name, value["stacks"], value["frames"] / value["stacks"],
                value["warm"] / 1e6, value["cold"] / 1e6, value["anew"] / 1e6
        }' "$SCRATCH/rate")")
    say "${ROWS[-1]}"
}

say "| program | stacks | frames each | warm, million frames/s | cold | anew |"
measure "C -O2, posix_spawn" "$WORKLOADS/spawn_loop_bare" "$COUNT"
measure "C, a hundred paths" "$WORKLOADS/hundred_paths" "$((COUNT / 100 + 1))"
measure "C++, threads" "$WORKLOADS/spawn_threads_bare" "$COUNT"
measure "Go" "$WORKLOADS/spawn_loop_go" "$COUNT"
measure "Go, stripped" "$WORKLOADS/spawn_loop_go_stripped" "$COUNT"
measure "dash" dash "$WORKLOADS/spawn_loop.sh" "$COUNT"
measure "bash" bash "$WORKLOADS/spawn_loop.sh" "$COUNT"
measure "CPython of Debian" /usr/bin/python3 "$WORKLOADS/spawn_loop.py" "$COUNT"
measure "perl" perl "$WORKLOADS/spawn_loop.pl" "$COUNT"

table() {
    cat <<END
# Unwinding: frames a second on one core

All the stack dumps of a session, decoding their registers included. *Warm*: every stack $ROUNDS times, its rules known. *Cold*: every stack
once with no rule known, the images' tables read. *Anew*: the images read again, too, for every stack.

    Scripts/benchmark-unwind.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

| program | stacks | frames each | warm, million frames/s | cold | anew |
|---|---|---|---|---|---|
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
