#!/usr/bin/env bash
# Folding a large recording: `spawnscope fold` beside `perf script | stackcollapse-perf.pl` on the same file: seconds,
# ratio, peak memory, and whether the stacks are the same line by line.
#
#     STACKCOLLAPSE=PATH Scripts/benchmark-fold.sh [--mebibytes N] [--rounds N] [--recorder perf|spawnscope]
#                                                  [--file FILE --event EVENT] [--output FILE] [--perf-only]
#
#     STACKCOLLAPSE           path of a stackcollapse-perf.pl (Brendan Gregg's FlameGraph collection; not part of
#                             Spawnscope); without it perf script stands alone and the stacks are not compared
#     --mebibytes N           size of the recording (default 100)
#     --rounds N              how often each is timed, in turn; the table has medians (default 3)
#     --recorder perf         cpu-clock samples with -a -g of spawn loops and a busy program (default)
#     --recorder spawnscope   a session of two spawn loops at once
#     --file, --event         a recording of yours and the event to fold, instead
#     --output FILE           the table (default Results/fold.md; - is standard output)
#     --perf-only             leave spawnscope out
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

MEBIBYTES=100
ROUNDS=3
RECORDER=perf
FILE=
EVENT=
OUTPUT=$ROOT/Results/fold.md
PERF_ONLY=
read_options '--mebibytes MEBIBYTES a number' '--rounds ROUNDS a number' '--recorder RECORDER a name' \
    '--file FILE a path' '--event EVENT a name' '--output OUTPUT a file' '--perf-only PERF_ONLY' -- "$@"
if [ -n "$FILE" ] && [ -z "$EVENT" ]; then fail 64 "--file needs --event"; fi
case $RECORDER in perf | spawnscope) ;; *) fail 64 "not a recorder: $RECORDER" ;; esac

install_dependencies bench
if need_stackcollapse; then
    COLLAPSE=(perl "$STACKCOLLAPSE")
    THEIRS='perf script | stackcollapse-perf.pl'
else
    say "STACKCOLLAPSE is not set: perf script is timed alone, without folding, and the stacks are not compared"
    COLLAPSE=(cat)
    THEIRS='perf script'
fi
[ -n "$PERF_ONLY" ] || need_spawnscope record fold
need_workloads
make_scratch

# Records with perf until the file has the size, while programs of different kinds run.
record_by_perf() {
    local loads=() recorder pid
    "$WORKLOADS/two_loops" 1000000 >/dev/null &
    loads+=($!)
    "$WORKLOADS/busy" 1000000 >/dev/null &
    loads+=($!)
    "$PYTHON" "$WORKLOADS/spawn_loop.py" 1000000 >/dev/null &
    loads+=($!)
    perf record -q -N -a -g -F 20000 -e cpu-clock -o "$FILE" </dev/null >&2 &
    recorder=$!
    while kill -0 "$recorder" 2>/dev/null &&
        [ "$(stat -c %s "$FILE" 2>/dev/null || echo 0)" -lt $((MEBIBYTES << 20)) ]; do
        sleep 0.2
    done
    kill -TERM "$recorder" 2>/dev/null || true
    wait "$recorder" || true
    for pid in "${loads[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    EVENT=cpu-clock
}

record_by_spawnscope() {
    local trial=500 bytes
    "$SPAWNSCOPE" record --no-pack -o "$FILE" -- "$WORKLOADS/two_loops" "$trial" >/dev/null </dev/null
    bytes=$(stat -c %s "$FILE")
    rm -f -- "$FILE"
    "$SPAWNSCOPE" record --no-pack -o "$FILE" -- "$WORKLOADS/two_loops" $(((MEBIBYTES << 20) * trial / bytes + 1)) \
        >/dev/null </dev/null
    EVENT=task:task_newtask
}

if [ -z "$FILE" ]; then
    is_root || fail 77 "recording needs root: sudo -E $0, or --file FILE --event EVENT"
    FILE=$SCRATCH/recording.data
    say "recording $MEBIBYTES MiB with $RECORDER"
    record_by_"$RECORDER"
fi
[ -r "$FILE" ] || fail 66 "not readable: $FILE"
SIZE=$(stat -c %s "$FILE")
cat -- "$FILE" >/dev/null # both find it in the page cache

# Appends the measure line of a run to a file.
measure_theirs() {
    # shellcheck disable=SC2016  # the inner shell expands these
    "$WORKLOADS/measure" "$SCRATCH/theirs.json" bash -c '
        set -o pipefail
        "$1" "$2" perf script -i "$3" 2>/dev/null </dev/null | "$1" "$4" "${@:6}" >"$5"
    ' - "$WORKLOADS/measure" "$SCRATCH/perf.json" "$FILE" "$SCRATCH/collapse.json" "$SCRATCH/theirs.folded" \
        "${COLLAPSE[@]}"
}
measure_ours() {
    "$WORKLOADS/measure" "$SCRATCH/ours.json" "$SPAWNSCOPE" fold "$FILE" --event "$EVENT" --names perf \
        >"$SCRATCH/ours.folded" </dev/null
}
for round in $(seq "$ROUNDS"); do
    say "round $round of $ROUNDS"
    measure_theirs
    [ -n "$PERF_ONLY" ] || measure_ours
done

VERDICT="not compared"
if [ -z "$PERF_ONLY" ] && need_stackcollapse; then
    perf_fold "$FILE" "$EVENT" >"$SCRATCH/theirs.sorted"
    LC_ALL=C sort "$SCRATCH/ours.folded" >"$SCRATCH/ours.sorted"
    if diff "$SCRATCH/theirs.sorted" "$SCRATCH/ours.sorted" >"$SCRATCH/difference"; then
        VERDICT="equal, $(wc -l <"$SCRATCH/ours.sorted") lines"
    else
        VERDICT="different: $(grep -c '^[<>]' "$SCRATCH/difference") lines"
        head -n 10 "$SCRATCH/difference" >&2
    fi
fi

TABLE=$("$ROOT/Scripts/benchmark_fold.py" "$SCRATCH" "$SIZE" "$THEIRS")
write_page "$OUTPUT" print <<END
# Folding a large recording

A file of $((SIZE >> 20)) MiB, event $EVENT; $ROUNDS rounds in turn, medians; the file was in the page cache.

    STACKCOLLAPSE=… $(command_line)

$(measured_line), $(perf --version)

$TABLE

Stacks of the two, sorted, line by line: $VERDICT.
END
case $VERDICT in different*) exit 1 ;; esac
