"""Starts /bin/true COUNT times by subprocess at RATE a second, where 0 is full speed: python3 spawn_latency.py RATE COUNT

Prints what spawn_latency.c prints.
"""

import json
import random
import subprocess
import sys
import time


def main():
    if len(sys.argv) != 3 or not all(text.isdecimal() for text in sys.argv[1:]) or sys.argv[2] == "0":
        print("usage: spawn_latency.py RATE COUNT", file=sys.stderr)
        return 64
    rate, count = int(sys.argv[1]), int(sys.argv[2])
    turns = random.Random(1)
    period, late, latencies = (1 / rate if rate else 0), 0, []
    begin = time.monotonic()
    for number in range(count):
        if period:
            turn = begin + (number + turns.random()) * period
            late += time.monotonic() > turn + period
            time.sleep(max(0, turn - time.monotonic()))
        start = time.monotonic_ns()
        subprocess.run(["/bin/true"], check=True)
        latencies.append((time.monotonic_ns() - start) / 1e3)
    latencies.sort()
    print(json.dumps({"spawns": count, "p50_us": latencies[(count - 1) // 2], "p99_us": latencies[(count - 1) * 99 // 100],
                      "max_us": latencies[-1], "late": late, "setup_s": 0}))
    print(f"spawned {count}")
    return 0


sys.exit(main())
