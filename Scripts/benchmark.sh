#!/usr/bin/env bash
# Spawnscope beside the tools that people use today, all in one run: what recording costs programs that spawn, and those that do not;
# what is lost at the highest rate; how fast recordings are read; how long it takes to start.
#
#     [STACKCOLLAPSE=PATH] Scripts/benchmark.sh [full] [--sections LIST] [--rounds N] [--sizes LIST] [--loss-seconds N]
#                                               [--beside FILE] [--into FILE] [--output NAME]
#     Scripts/benchmark.sh quick
#
#     full                 about 50 minutes on 2 CPUs; nothing else should run. Writes NAME.md and NAME.json (default Results/benchmark)
#     quick                no clock: the same spawns from every reader, nothing lost, the same folded stacks; exits with 1 where not
#     --sections LIST      of loop,thousand,programs,rates,quiet,loss,analysis,start,instructions,where (default all)
#     --rounds N           of each measurement (default 7)
#     --sizes LIST         of the recordings to analyse, in MiB (default 10,100,1000)
#     --loss-seconds N     at most so long for each tool (default: a minute, less for those that write or slow down most)
#     --beside FILE        the JSON of an earlier run: the page tells whether both have the same order of tools
#     --into FILE          the JSON of an earlier run, of whose sections those of --sections are measured again; the page says so
#     STACKCOLLAPSE        path of a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection, not part of Spawnscope)
#
# Installs the other tools from Debian's packages; the row of one that cannot be had says so. Needs root.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

case "${1:-}" in -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;; esac
MODE=full
case "${1:-}" in
quick | full) MODE=$1 && shift ;;
-* | '') ;;
*) fail 64 "not a mode: $1; one of quick, full" ;;
esac
SECTIONS=
ROUNDS=7
SIZES=10,100,1000
LOSS_SECONDS=0
BESIDE=
INTO=
OUTPUT=$ROOT/Results/benchmark
read_options '--sections SECTIONS names' '--rounds ROUNDS a number' '--sizes SIZES numbers' '--loss-seconds LOSS_SECONDS a number' \
    '--beside BESIDE a file' '--into INTO a file' '--output OUTPUT a name' -- "$@"
ARGUMENTS=("$MODE" "${ARGUMENTS[@]}")
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || fail 64 "--rounds needs a number from 1: $ROUNDS"
[[ $SIZES =~ ^[1-9][0-9]*(,[1-9][0-9]*)*$ ]] || fail 64 "--sizes needs numbers of MiB: $SIZES"
for file in "$BESIDE" "$INTO"; do
    if [ -n "$file" ] && [ ! -r "$file" ]; then fail 66 "not readable: $file"; fi
done
if [ -n "$INTO" ] && [ -z "$SECTIONS" ]; then fail 64 "--into needs --sections: which are to be measured again"; fi
[[ $LOSS_SECONDS =~ ^[0-9]+$ ]] || fail 64 "--loss-seconds needs a number: $LOSS_SECONDS"
for section in ${SECTIONS//,/ }; do
    case $section in
    loop | thousand | programs | rates | quiet | loss | analysis | start | instructions | where) ;;
    *) fail 64 "not a section: $section" ;;
    esac
done

need_root
if need_stackcollapse; then :; elif [ "$MODE" = full ]; then
    say "STACKCOLLAPSE is not set: perf script stands alone in the rows of analysis"
fi
if [ -n "${SPAWNSCOPE_WITHOUT_GO:-}" ]; then say "without Go: its rows are left out"; fi
install_dependencies bench
install_peers
need_spawnscope record report fold flamegraph compare pack
need_workloads
make_scratch

ABOUT=()
if [ "$MODE" = full ]; then
    # A real C project, as Debian's source package has it; else the workloads' own build.
    if fetch_source lua5.4 && tar -C "$SCRATCH/source" -xf "$SCRATCH"/source/lua5.4_*.orig.tar.gz; then
        LUA=$(echo "$SCRATCH"/source/lua-5.4*)
        ABOUT=(--make-directory "$LUA/src" --make-words MYCFLAGS=-O0 --make-name "three objects of $(basename -- "$LUA")"
            --make-targets "lapi.o lauxlib.o lbaselib.o")
    else
        say "no source package of lua5.4 could be had: make builds the workloads instead"
        ABOUT=(--make-directory "$ROOT/Tests/Workloads" --make-words "OUT=$SCRATCH/made -B" --make-targets "$SCRATCH/made/spawn_loop $SCRATCH/made/busy"
            --make-name "two of Spawnscope's workloads")
        mkdir -p "$SCRATCH/made"
    fi
    # Python's own tests, of an interpreter that has them.
    for interpreter in "$PYTHON" /usr/bin/python3; do
        if "$interpreter" -c 'import test.test_popen, test.test_posix' 2>/dev/null; then
            ABOUT+=(--python-tests "$interpreter")
            break
        fi
    done
fi

PYTHONDONTWRITEBYTECODE=1 "$PYTHON" "$ROOT/Scripts/benchmark.py" "$MODE" --spawnscope "$SPAWNSCOPE" --workloads "$WORKLOADS" \
    --scratch "$SCRATCH" --python "$PYTHON" --machine "$(machine_line)" --revision "$(revision_line)" --output "$OUTPUT" \
    --fixture "$ROOT/Tests/AnalysisTests/Recordings/session.data" --command "$(command_line)" --stackcollapse "${STACKCOLLAPSE:-}" \
    --rounds "$ROUNDS" --sizes "$SIZES" --loss-seconds "$LOSS_SECONDS" --beside "$BESIDE" --into "$INTO" ${SECTIONS:+--sections "$SECTIONS"} "${ABOUT[@]}" </dev/null
