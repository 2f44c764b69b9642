"""Starts /bin/true COUNT times by subprocess, one after the other: python3 spawn_loop.py COUNT"""

import subprocess
import sys


def run_tool():
    subprocess.run(["/bin/true"], check=True)


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        print("usage: spawn_loop.py COUNT", file=sys.stderr)
        return 64
    count = int(sys.argv[1])
    for _ in range(count):
        run_tool()
    print(f"spawned {count}")
    return 0


sys.exit(main())
