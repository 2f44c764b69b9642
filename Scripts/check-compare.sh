#!/usr/bin/env bash
# Checks compare: a spawn loop against itself on a machine that another load keeps busy, and, without that load, against ones whose overhead
# is larger by 10% and 30%; and what a bare threshold, hyperfine's summary and benchstat's test say of the same runs. What was measured is kept, so that
# it can be interrupted and goes on. Exits with 1 where there are false alarms or changes that were not found.
#
#     Scripts/check-compare.sh [--same N] [--slower N] [--runs N] [--time-runs N] [--count N] [--kinds KIND,…]
#         [--seconds N] [--data FILE] [--output FILE]
#
#     --same N         comparisons of the loop with itself (default 50)
#     --slower N       comparisons with each of +10% and +30% (default 30)
#     --runs N         runs a side of each comparison (default 10)
#     --time-runs N    runs a side where only times tell, and not counts (default 80)
#     --count N        spawns of each run (default 300)
#     --kinds KIND,…   which of environment, misses and shell (default all)
#     --seconds N      begin no comparison after this time; run it again to go on
#     --data FILE      what was measured so far (default .build/check-compare.jsonl; remove it to begin anew)
#     --output FILE    the table (default Results/compare.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

OUTPUT=$ROOT/Results/compare.md
DATA=$ROOT/.build/check-compare.jsonl
OPTIONS=()
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --same | --slower | --runs | --time-runs | --count | --kinds | --seconds) OPTIONS+=("$1" "${2:?$1 needs a number}") && shift 2 ;;
    --data) DATA=${2:?--data needs a file} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done

install_dependencies test
is_root || fail 77 "recording needs root: sudo -E $0"
need_spawnscope
"$SPAWNSCOPE" compare --help >/dev/null 2>&1 || fail 69 "$SPAWNSCOPE has no compare command: build this version"
need_workloads
make_scratch
mkdir -p -- "$(dirname -- "$DATA")"

"$PYTHON" "$ROOT/Scripts/check_compare.py" run "$SPAWNSCOPE" "$WORKLOADS/spawn_loop" "$DATA" "$SCRATCH" "${OPTIONS[@]}"
STATUS=0
"$PYTHON" "$ROOT/Scripts/check_compare.py" table "$DATA" >"$SCRATCH/rows" || STATUS=$?
table() {
    cat <<END
# compare on real runs

Each comparison is \`compare --runs\` of a spawn loop that searches \`true\` along PATH with itself, or with one whose spawns cost more: by a larger
environment, by directories of PATH that do not have the program, or by shells in between. With itself it is compared while another load starts and stops at
random, with the larger environment on a machine that is idle otherwise.
*Noise*: the standard deviation of the runs' overhead, a part of their mean, the median of the sides. Where only times tell there are more runs: with a
noise of 10%, 10 runs cannot tell 10% from nothing.
*Worse*: exit status 1. *By times alone*: the same with \`--gate none --gate overhead --gate duration\`, since misses and shells change counts,
which are compared exactly. The others are given the same runs, their duration and the median of their overhead: *bare 5%*, the means differ by more;
*hyperfine*, the ratio of the means less its ± is above 1, by the formula of its summary; *benchstat's test*, Mann and Whitney's U with p < 0.05
and the median above, computed here since golang.org/x/perf is in no Debian package and not on PyPI.

    Scripts/check-compare.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

END
    cat "$SCRATCH/rows"
}
if [ "$OUTPUT" = - ]; then
    table
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    table >"$OUTPUT"
    say "written: $OUTPUT"
fi
[ "$STATUS" -eq 0 ] || fail 1 "false alarms, or changes that were not found: see the table"
