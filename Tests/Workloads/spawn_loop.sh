#!/bin/dash
# Starts /bin/true COUNT times from a shell, one after the other: dash spawn_loop.sh COUNT
set -eu
count=${1:?usage: spawn_loop.sh COUNT}
round=0
while [ "$round" -lt "$count" ]; do
    /bin/true
    round=$((round + 1))
done
echo "spawned $count"
