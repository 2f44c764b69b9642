#!/usr/bin/env bash
# What compare says of simulated runs: false alarms where nothing changed, and the changes that it finds, for several kinds of noise
# and orders of recording. Needs no rights and records nothing. Exits with 1 where a figure that the README states does not hold.
#
#     Scripts/benchmark-compare.sh [--count N] [--output FILE]
#
#     --count N        comparisons of each row (default 2000, which takes some 15 minutes)
#     --output FILE    the tables (default Results/compare-simulation.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

COUNT=2000
OUTPUT=$ROOT/Results/compare-simulation.md
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --count) COUNT=${2:?--count needs a number} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done
case $COUNT in '' | *[!0-9]* | 0) fail 64 "--count: '$COUNT' is no number of comparisons" ;; esac

install_dependencies runtime
swift build --package-path "$ROOT" -c release --static-swift-stdlib --product CompareSimulation >&2
SIMULATION=$(swift build --package-path "$ROOT" -c release --static-swift-stdlib --show-bin-path)/CompareSimulation
make_scratch
"$SIMULATION" "$COUNT" | tee "$SCRATCH/tables" >&2

# The highest rate of false alarms, and the power for 10% at 10 runs and 3% noise in turns, both gates slower.
WORST=$(awk -F '|' '/^## Slower/ { exit } /%/ { value = $5 + 0; if (value > worst) worst = value } END { print worst + 0 }' "$SCRATCH/tables")
POWER=$(awk -F '|' '/^\| 10% \| overhead alone \| normal \| in turns \| 10 / { print $7 + 0 }' "$SCRATCH/tables")

table() {
    cat <<END
# What compare says of simulated runs

Each row is $COUNT comparisons with the default gates: the counts do not change, the noise of the overhead and of the duration is
independent. *Normal*: 3% of standard deviation; *lognormal*: 10% in the logarithm; *bimodal*: one run in five 15% slower, and 3%;
*drifting*: 30% slower from the first run to the last, a random walk of 1% a run, and 3%; *wandering*: the same without the line.
*In turns* is what \`compare --runs\` records; *head after base*: first all of the base's runs, then all of the head's; *in unknown order*:
mixed, and the sessions do not say when they began. *Interval holds the truth*: of the 95% intervals that were given at all.

The highest rate of false alarms is $WORST%; a slowdown of the overhead alone by 10% is found in $POWER% of the comparisons, at 10 runs a side
in turns and 3% noise. A side recorded after the other finds less: a step is hard to tell from a drift.

    Scripts/benchmark-compare.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line)

END
    cat "$SCRATCH/tables"
}
if [ "$OUTPUT" = - ]; then
    table
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    table >"$OUTPUT"
    say "written: $OUTPUT"
fi
# Of few comparisons a rate says little.
[ "$COUNT" -ge 1000 ] || exit 0
awk -v worst="$WORST" -v power="$POWER" 'BEGIN { exit !(worst <= 1 && power >= 95) }' ||
    fail 1 "false alarms $WORST% (at most 1%), found $POWER% (at least 95%)"
