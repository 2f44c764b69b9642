#!/usr/bin/env bash
# What packing a session costs and saves: time, size before and after, beside what `perf record --call-graph dwarf` writes of the same
# workload; how fast addresses are named; and what a thousand different images take.
#
#     Scripts/benchmark-pack.sh [--spawns N] [--images N] [--rounds N] [--output FILE]
#
#     --spawns N       spawns of each workload (default 2000)
#     --images N       different programs (default 1000)
#     --rounds N       how often each session is packed; the median counts (default 5)
#     --output FILE    the page (default Results/pack.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

SPAWNS=2000
IMAGES=1000
ROUNDS=5
OUTPUT=$ROOT/Results/pack.md
read_options '--spawns SPAWNS a number' '--images IMAGES a number' '--rounds ROUNDS a number' '--output OUTPUT a file' -- "$@"

need_recorder record pack fold
RATE=$(release_program LookupRate)
# The same events as in benchmark.sh.
EVENTS=$(PYTHONPATH=$ROOT/Scripts PYTHONDONTWRITEBYTECODE=1 "$PYTHON" -c 'import benchmark_tools; print(benchmark_tools.PERF_EVENTS)')

# timed COMMAND…: its seconds and its peak memory in MiB, to $SCRATCH/timed.
timed() {
    "$PYTHON" - "$@" >"$SCRATCH/timed" <<'END'
import os, subprocess, sys, time
start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
if status: sys.exit(f"{sys.argv[1:]}: {status}")
print(time.monotonic() - start, usage.ru_maxrss / 1024)
END
}

# median FIELD FILE
median() { sort -n -k "$1,$1" "$2" | awk -v field="$1" '{ value[NR] = $field } END { print value[int((NR + 1) / 2)] }'; }

size() { stat -c %s -- "$1"; }

pack() {
    local round
    : >"$SCRATCH/times"
    for ((round = 0; round < ROUNDS; round++)); do
        rm -f -- "$SCRATCH/packed"*
        timed "$SPAWNSCOPE" pack -o "$SCRATCH/packed" "$SCRATCH/session"
        cat -- "$SCRATCH/timed" >>"$SCRATCH/times"
    done
}

measure() {
    local name=$1 share
    shift
    record_session --no-pack -- "$@" || fail 1 "$(cat "$SCRATCH/summary")"
    pack
    rm -f -- "$SCRATCH/perf.data"
    perf record -q -N -a -e "$EVENTS" --call-graph dwarf,16384 -m 16M -o "$SCRATCH/perf.data" -- "$@" >/dev/null 2>&1 </dev/null ||
        fail 1 "perf could not record: $*"
    "$RATE" "$SCRATCH/packed" 50 >"$SCRATCH/packed.rate"
    share=$(awk -v a="$(size "$SCRATCH/packed")" -v b="$(size "$SCRATCH/perf.data")" 'BEGIN { printf "%.2f%%", a * 100 / b }')
    add_row "$(printf '| %s | %d | %.2f | %.2f | %.1f | %s | %.3f | %.0f |' "$name" "$(summary_spawns)" \
        "$(mebibytes "$SCRATCH/session")" "$(mebibytes "$SCRATCH/packed")" "$(mebibytes "$SCRATCH/perf.data")" "$share" \
        "$(median 1 "$SCRATCH/times")" "$(median 2 "$SCRATCH/times")")"
}

mebibytes() { awk -v bytes="$(size "$1")" 'BEGIN { print bytes / 1048576 }'; }

HEAD='| program | spawns | session, MiB | packed, MiB | perf dwarf, MiB | packed of that | seconds to pack | memory, MiB |'
say "$HEAD"
measure "C -O2, posix_spawn" "$WORKLOADS/spawn_loop_bare" "$SPAWNS"
measure "Go" "$WORKLOADS/spawn_loop_go" "$SPAWNS"
measure "dash" dash "$WORKLOADS/spawn_loop.sh" "$SPAWNS"
measure "CPython of Debian" /usr/bin/python3 "$WORKLOADS/spawn_loop.py" "$SPAWNS"

# A thousand programs that differ, each with its own build ID and function, each spawning once.
mkdir -- "$SCRATCH/images"
cat >"$SCRATCH/image.c" <<'END'
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
__attribute__((noinline)) int FUNCTION(void) {
    char *arguments[] = {"true", 0};
    pid_t pid;
    int status;
    return posix_spawn(&pid, "/bin/true", 0, 0, arguments, environ) || waitpid(pid, &status, 0) != pid;
}
int main(void) { return FUNCTION() + 0; }
END
for ((image = 0; image < IMAGES; image++)); do
    gcc -O1 -fomit-frame-pointer -DFUNCTION="image_$image" -o "$SCRATCH/images/$image" "$SCRATCH/image.c"
done
# shellcheck disable=SC2016
record_session --no-pack -- sh -c 'for program in "$1"/*; do "$program"; done' sh "$SCRATCH/images" || fail 1 "$(cat "$SCRATCH/summary")"
pack
IMAGE_PACK=$(printf '%.3f s and %.0f MiB' "$(median 1 "$SCRATCH/times")" "$(median 2 "$SCRATCH/times")")
timed "$SPAWNSCOPE" fold "$SCRATCH/session"
IMAGE_FOLD=$(awk '{ printf "%.3f s and %.0f MiB", $1, $2 }' "$SCRATCH/timed")
timed "$SPAWNSCOPE" fold "$SCRATCH/packed"
IMAGE_FOLD_PACKED=$(awk '{ printf "%.3f s and %.0f MiB", $1, $2 }' "$SCRATCH/timed")
NAMED=$("$SPAWNSCOPE" fold "$SCRATCH/packed" 2>/dev/null | grep -c ';image_[0-9]*;' || true)
[ "$NAMED" -eq "$IMAGES" ] || fail 1 "$NAMED of $IMAGES programs have their function's name"
"$RATE" "$SCRATCH/packed" 50 >"$SCRATCH/packed.rate"
cp -- "$SCRATCH/packed" "$SCRATCH/names"
# The same callchains without the packed names: those of perf's frame pointers are too few, so the packed file's section is renamed away.
"$PYTHON" - "$SCRATCH/names" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    header = bytearray(file.read(104))
    header[72 + 201 // 8] &= ~(1 << 201 % 8) & 255  # the bit of the names, whose section is the table's last
    file.seek(0)
    file.write(header)
END
"$RATE" "$SCRATCH/names" 50 >"$SCRATCH/files.rate"
rate() { awk -v key="$1" '$1 == key { printf "%.2f", $2 / 1e6 }' "$2"; }

write_page "$OUTPUT" <<END
# Packing: what it costs and saves

Sessions as they are recorded (\`--no-pack\`), packed, and \`perf record -a --call-graph dwarf,16384\` with 14 tracepoints of the same workload.
Seconds and memory of \`spawnscope pack\` are medians of $ROUNDS.

    $(command_line)

$(measured_line)

$(print_table)

A session of $IMAGES different programs that spawn once each: packing takes $IMAGE_PACK, folding it unpacked $IMAGE_FOLD, packed
$IMAGE_FOLD_PACKED; each program's function has its name.

Look-ups, million a second on one core, of the $(awk '$1 == "addresses" { print $2 }' "$SCRATCH/files.rate") addresses of that session's call sites: warm $(rate warm "$SCRATCH/files.rate"), cold
$(rate cold "$SCRATCH/files.rate") where the symbol tables of the files are read, $(rate cold "$SCRATCH/packed.rate") by the names in the session.
END
