#!/usr/bin/env bash
# How `report` scales: a real session repeated until it has 10,000, 100,000 and 1,000,000 spawns; seconds, MiB/s and
# peak memory of each format. Exits with 1 when a report does not have exactly the repeated session's spawns, or its
# time per MiB or its memory grows.
#
#     Scripts/benchmark-report.sh [--spawns "N N…"] [--rounds N] [--stack-size SIZE] [--output FILE]
#
#     --spawns "N N…"     sizes (default "10000 100000 1000000"; a spawn is about 8 KiB, so the last is 8 GiB on a disk)
#     --rounds N          how often each is timed; the table has medians (default 3)
#     --stack-size SIZE   as `record` has it (default: its default); 0 makes sessions smaller, without stack dumps
#     --output FILE       the table (default Results/report.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

SIZES="10000 100000 1000000"
ROUNDS=3
STACK_SIZE=
OUTPUT=$ROOT/Results/report.md
read_options '--spawns SIZES numbers' '--rounds ROUNDS a number' '--stack-size STACK_SIZE a size' \
    '--output OUTPUT a file' -- "$@"

need_recorder record report

# A hundred call sites, ten spawns each.
record_session --no-pack ${STACK_SIZE:+--stack-size "$STACK_SIZE"} -- "$WORKLOADS/hundred_paths" 10 ||
    { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record"; }
"$SPAWNSCOPE" report --format json "$SCRATCH/session" >"$SCRATCH/session.json"

BAD=0
for size in $SIZES; do
    read -r copies spawns < <("$ROOT/Scripts/make_large_session.py" "$SCRATCH/session" "$size" "$SCRATCH/large")
    bytes=$(stat -c %s "$SCRATCH/large")
    cat -- "$SCRATCH/large" >/dev/null # found in the page cache, as far as there is room
    for kind in text json json-spawns csv; do
        case $kind in
        text) options=() ;;
        json-spawns) options=(--format json --spawns) ;;
        *) options=(--format "$kind") ;;
        esac
        for _ in $(seq "$ROUNDS"); do
            "$WORKLOADS/measure" "$SCRATCH/runs" "$SPAWNSCOPE" report "${options[@]}" "$SCRATCH/large" \
                >"$SCRATCH/out" 2>"$SCRATCH/errors" </dev/null ||
                { cat -- "$SCRATCH/errors" >&2 && fail 1 "report ${options[*]} failed"; }
            output=$(stat -c %s "$SCRATCH/out")
            about="\"kind\": \"$kind\", \"spawns\": $spawns, \"bytes\": $bytes, \"output\": $output"
            sed -i "\$s/{/{$about, /" "$SCRATCH/runs"
        done
        say "$spawns spawns, $((bytes >> 20)) MiB, $kind: $(tail -n 1 "$SCRATCH/runs")"
        case $kind in
        json) mv -- "$SCRATCH/out" "$SCRATCH/large.json" ;;
        json-spawns)
            [ "$(grep -c '"start_ns"' "$SCRATCH/out" || true)" -ge 1 ] || { say "no spawns in the output" && BAD=1; } ;;
        csv)
            lines=$(wc -l <"$SCRATCH/out")
            [ "$lines" -ge "$spawns" ] || { say "the CSV has $lines lines" && BAD=1; } ;;
        esac
        rm -f -- "$SCRATCH/out"
    done
    "$ROOT/Scripts/check_repeated.py" "$SCRATCH/session.json" "$SCRATCH/large.json" "$copies" || BAD=1
    rm -f -- "$SCRATCH/large"
done

TABLE=$("$ROOT/Scripts/benchmark_report.py" "$SCRATCH/runs") || BAD=1

write_page "$OUTPUT" print <<END
# \`report\` on large sessions

A session of 1,000 spawns at a hundred call sites, repeated with shifted pids and times; $ROUNDS rounds, medians. The peak is the resident set
of the process. Every report has exactly the repeated session's spawns and the sums of its phases. *Flat*: at most 1.3 times.

    $(command_line)

$(measured_line)

$TABLE
END
[ "$BAD" -eq 0 ] || fail 1 "a report is wrong, or its cost grows"
