#!/bin/sh
# What `bench check unprivileged` runs in each place: a program under strace, and recorded.
# in_place.sh DIRECTORY SPAWNSCOPE CALLS RECORDERS COMMAND…; results go to DIRECTORY. CALLS are those that strace tells; without them it
# is left out. RECORDERS are separated by blanks.
directory=$1 spawnscope=$2 calls=$3 recorders=$4
shift 4
cd /tmp || exit

# keep NAME COMMAND…: its output, its messages and its status.
keep() {
    name=$1
    shift
    "$@" >"$directory/$name.out" 2>"$directory/$name.err" </dev/null
    echo $? >"$directory/$name.status"
}

if [ -n "$calls" ]; then keep strace strace -f -ttt -s 65536 -e "trace=$calls" -o "$directory/strace.log" -- "$@"; fi
for recorder in $recorders; do
    keep "$recorder" "$spawnscope" record --recorder "$recorder" -o "$directory/$recorder.data" -- "$@"
done
