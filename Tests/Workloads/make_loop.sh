#!/bin/dash
# Runs `make -j2` on COUNT / 2 targets of make_loop.mk; COUNT is even: dash make_loop.sh COUNT
# Only builtins run before make replaces the shell, so every spawn is make's or its recipes'.
set -eu
count=${1:?usage: make_loop.sh COUNT}
here=${0%/*}
if [ $((count % 2)) -ne 0 ]; then
    echo "COUNT must be even, a target makes two spawns: $count" >&2
    exit 64
fi
targets=
number=0
while [ "$number" -lt $((count / 2)) ]; do
    number=$((number + 1))
    targets="$targets target-$number"
done
exec make --no-print-directory -j2 -f "$here/make_loop.mk" TARGETS="$targets" COUNT="$count"
