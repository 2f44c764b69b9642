#!/usr/bin/env bash
# Compares the call site of a program's first spawn with gdb's stack at the creating call. Exits with 1 when one frame
# differs.
#
#     Scripts/check-gdb.sh [--output FILE]
#
#     --output FILE    the table (default Results/gdb.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

OUTPUT=$ROOT/Results/gdb.md
read_options '--output OUTPUT a file' -- "$@"

need_recorder record fold
command -v gdb >/dev/null || as_root apt-get install -y -qq gdb >&2

BAD=0
# check_once NAME COMMAND…; with TWIN gdb sees that program instead, of which the command's is a stripped copy.
TWIN=
check_once() {
    local name=$1 frames verdict=same
    local -a seen=("${@:2}")
    shift
    if [ -n "$TWIN" ]; then seen[0]=$TWIN; fi
    rm -f -- "$SCRATCH/gdb"
    gdb -nx -batch -iex 'set auto-load no' -ex "set \$output=\"$SCRATCH/gdb\"" -x "$ROOT/Scripts/gdb_stack.py" \
        --args "${seen[@]}" >"$SCRATCH/gdb.said" 2>&1 </dev/null || true
    [ -s "$SCRATCH/gdb" ] || { cat "$SCRATCH/gdb.said" >&2 && fail 1 "gdb gave no stack for $name"; }
    # One spawn: the first.
    record_session -- "$@"
    frames=$("$SPAWNSCOPE" fold --frames callsite "$SCRATCH/session" 2>/dev/null |
        "$ROOT/Scripts/check_gdb.py" "$SCRATCH/gdb" ${TWIN:+"${1##*/}"}) ||
        { verdict=different && BAD=$((BAD + 1)); }
    add_row "| $name | $frames | $verdict |"
}

for method in posix_spawn fork vfork clone3 system popen; do
    check_once "C -O2, $method" "$WORKLOADS/spawn_loop_bare" -m "$method" 1
done
check_once "Go" "$WORKLOADS/spawn_loop_go" 1
TWIN=$WORKLOADS/spawn_loop_go check_once "Go, stripped" "$WORKLOADS/spawn_loop_go_stripped" 1
check_once "dash" dash "$WORKLOADS/spawn_loop.sh" 1
check_once "bash" bash "$WORKLOADS/spawn_loop.sh" 1
check_once "CPython of Debian" /usr/bin/python3 "$WORKLOADS/spawn_loop.py" 1
check_once "perl" perl "$WORKLOADS/spawn_loop.pl" 1
printf 'all:\n\t@/bin/true\n' >"$SCRATCH/Makefile"
check_once "make" make -s -f "$SCRATCH/Makefile"

HEAD='| program | frames | |'
write_page "$OUTPUT" <<END
# The same frames as gdb

The call site of a program's spawn beside \`gdb\` at the same creating call: number of frames that are not inlined, and whether each is
the function that gdb has there, by any of its names; in stripped code, whether it is the same file. gdb cannot unwind stripped Go: it
saw the same program with its tables there.

    Scripts/check-gdb.sh

$(measured_line), $(gdb --version | head -n 1)

$(print_table)
END
[ "$BAD" -eq 0 ] || fail 1 "$BAD of ${#ROWS[@]} stacks differ"
