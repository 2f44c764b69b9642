#!/usr/bin/env bash
# Drawing beside folding: `flamegraph` and `fold` of the same large session in turns, seconds and peak memory. Exits with 1 when
# drawing takes more than 1.2 times as long.
#
#     Scripts/benchmark-flamegraph.sh [--mebibytes N] [--rounds N] [--output FILE]
#
#     --mebibytes N    size of the session (default 100)
#     --rounds N       how often each is timed, in turns; the table has medians (default 9)
#     --output FILE    the table (default: standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

MEBIBYTES=100
ROUNDS=9
OUTPUT=-
read_options '--mebibytes MEBIBYTES a number' '--rounds ROUNDS a number' '--output OUTPUT a file' -- "$@"

need_recorder record fold flamegraph

# A hundred call sites, ten spawns each, repeated until it is as large.
record_session -- "$WORKLOADS/hundred_paths" 10 || { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record"; }
each=$(($(stat -c %s "$SCRATCH/session") / 1000))
"$ROOT/Scripts/make_large_session.py" "$SCRATCH/session" $(((MEBIBYTES << 20) / each + 1000)) "$SCRATCH/large" >/dev/null
bytes=$(stat -c %s "$SCRATCH/large")
[ "$bytes" -ge $((MEBIBYTES << 20)) ] || fail 1 "the session has only $bytes bytes"
cat -- "$SCRATCH/large" >/dev/null # found in the page cache, as far as there is room

HEAD='| what | fold | flamegraph | ratio | peak of flamegraph | picture |'
LIMIT=1.2
BAD=0
# compare WHAT OPTION…
compare() {
    local what=$1 round command row
    shift
    rm -f -- "$SCRATCH"/*.runs
    for ((round = 0; round < ROUNDS; round++)); do
        for command in fold flamegraph; do
            "$WORKLOADS/measure" "$SCRATCH/$command.runs" "$SPAWNSCOPE" "$command" "$@" "$SCRATCH/large" \
                >"$SCRATCH/$command.out" 2>"$SCRATCH/errors" </dev/null ||
                { cat -- "$SCRATCH/errors" >&2 && fail 1 "$command failed"; }
        done
    done
    row=$(python3 - "$what" "$SCRATCH" "$(stat -c %s "$SCRATCH/flamegraph.out")" "$LIMIT" <<'END'
import json, statistics, sys

what, scratch, size, limit = sys.argv[1:]
runs = {name: [json.loads(line) for line in open(f"{scratch}/{name}.runs")] for name in ("fold", "flamegraph")}
fold, drawn = (statistics.median(run["wall_s"] for run in runs[name]) for name in ("fold", "flamegraph"))
peak = statistics.median(run["peak_rss_kib"] for run in runs["flamegraph"]) / 1024
print(f"| {what} | {fold:.3f} s | {drawn:.3f} s | {drawn / fold:.2f} | {peak:.0f} MiB | {int(size) / 1024:.0f} KiB |")
sys.exit(drawn > float(limit) * fold)
END
    ) || BAD=1
    add_row "$row"
}
compare 'spawns'
compare 'overhead by phase' --weight overhead --frames ancestry,callsite,program,phase

write_page "$OUTPUT" <<END
A session of $((bytes >> 20)) MiB, $ROUNDS rounds in turns, medians; at most $LIMIT times is meant.

    $(command_line)

$(measured_line)

$(print_table)
END
[ "$BAD" -eq 0 ] || fail 1 "drawing takes more than $LIMIT times as long as folding"
