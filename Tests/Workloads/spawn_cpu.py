"""Starts /bin/true COUNT times by subprocess and tells what CPU time each start took: python3 spawn_cpu.py COUNT

Prints what spawn_cpu.c prints.
"""

import resource
import subprocess
import sys
import time


def cpu():
    """In microseconds, of this process and of its children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time_ns() / 1e3 + (children.ru_utime + children.ru_stime) * 1e6


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        print("usage: spawn_cpu.py COUNT", file=sys.stderr)
        return 64
    taken = []
    for _ in range(int(sys.argv[1])):
        before = cpu()
        subprocess.run(["/bin/true"], check=True)
        taken.append(cpu() - before)
    print(" ".join(f"{value:.1f}" for value in taken))
    print(f"spawned {len(taken)}")
    return 0


sys.exit(main())
