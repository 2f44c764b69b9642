#!/usr/bin/env bash
# What somebody else's loop over every hostile program (Scripts/hostile_inputs.py) adds to root's recordings of something else: wall and CPU
# time of `record -- true`, in pairs of rounds with the loop and with it stopped, its greatest memory, and whether any of the programs'
# names is in the session; then `-p` and `-a`, once each. Needs root.
#   Scripts/check-strangers.sh [SPAWNSCOPE [ROUNDS]]
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

SPAWNSCOPE=$(realpath "${1:-$ROOT/.build/debug/spawnscope}")
ROUNDS=${2:-30}
USER_NAME=nobody
directory=$(mktemp -d)
loop=
finish() {
    if [ -n "$loop" ]; then
        kill -KILL -- "-$loop" 2>/dev/null || true
        wait "$loop" 2>/dev/null || true
    fi
    find /tmp -maxdepth 1 -name 'perf-*.map' -user "$USER_NAME" -delete
    rm -rf -- "$directory"
}
trap finish EXIT

chmod 711 "$directory"
mkdir "$directory/inputs" "$directory/own"
"$ROOT/Scripts/hostile_inputs.py" "$directory/inputs" $("$ROOT/Scripts/hostile_inputs.py" --list | awk '$2 == "program" { print $1 }')
chown -R "$USER_NAME" "$directory/inputs"
cat >"$directory/loop" <<'END'
cd "$1" || exit 1
while :; do
    for input in */; do
        cd "$input" || exit 1
        ./program
        rm -f jit-*.dump
        if [ -e made ]; then
            rm -f "$(cat made)" made
        fi
        cd ..
    done
done
END
setsid runuser -u "$USER_NAME" -- sh "$directory/loop" "$directory/inputs" >/dev/null 2>&1 &
loop=$!
sleep 2
cd "$directory/own"
python3 - "$SPAWNSCOPE" "$ROUNDS" "$loop" "$directory/inputs" <<'END'
import os, random, resource, signal, statistics, subprocess, sys, time

program, rounds, loop, inputs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def record(*words):
    """Wall and CPU seconds, and KiB, of a recording with the processes that it waited for."""
    start = time.monotonic()
    child = os.spawnvp(os.P_NOWAIT, program, [program, "record", "-q", "-o", "s.data", *words])
    _, status, use = os.wait4(child, 0)
    if status:
        sys.exit(f"record {' '.join(words)}: status {status}")
    return time.monotonic() - start, use.ru_utime + use.ru_stime, use.ru_maxrss


def names():
    text = subprocess.run(["strings", "-a", "s.data"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return sum(1 for line in text.splitlines() if inputs in line or "/program" in line)


def loud(is_loud):
    # The others of its session are this script's business alone.
    os.killpg(loop, signal.SIGCONT if is_loud else signal.SIGSTOP)
    time.sleep(0.05)


def compare(is_both):
    ratios, memory, found = ([], []), [], 0
    for _ in range(rounds):
        both = {}
        for which in random.sample((False, True), 2):
            loud(which and is_both)
            both[which] = record("--", "true")
            found += names()
        ratios[0].append(both[True][0] / both[False][0])
        ratios[1].append(both[True][1] / both[False][1])
        memory.append((both[True][2] - both[False][2]) / 1024)
    return ratios, memory, found


def interval(values):
    draws = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(2000))
    return f"{statistics.median(values):.2f} [{draws[50]:.2f}-{draws[1949]:.2f}]"


print("| | wall | CPU | memory, MiB | their names |\n|---|---|---|---|---|")
for name, is_both in (("quiet beside quiet", False), ("the loop beside quiet", True)):
    ratios, memory, found = compare(is_both)
    print(f"| `record -- true`, {name} | {interval(ratios[0])} | {interval(ratios[1])} | {statistics.median(memory):+.1f} | {found} |")
loud(True)
own = subprocess.Popen(["sh", "-c", "while :; do /bin/true; sleep 0.05; done"])
wall, cpu, memory = record("-p", str(own.pid), "--duration", "2s")
print(f"| `-p PID --duration 2s` | {wall:.2f} s | {cpu:.2f} s | {memory / 1024:.0f} in all | {names()} |")
own.kill()
own.wait()
wall, cpu, memory = record("-a", "--duration", "5s")
print(f"| `-a --duration 5s` | {wall:.2f} s | {cpu:.2f} s | {memory / 1024:.0f} in all, {os.path.getsize('s.data') >> 20} on disk | all |")
END
