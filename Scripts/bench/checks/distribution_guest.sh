#!/usr/bin/env bash
# What `bench check distributions` has a release of Debian do: builds the workloads, records each and runs it again under strace, and has perf
# count the creations in the session: distribution_guest.sh TRACED-CALLS TRACED-CALLS-OF-A-RECORDED-STRACE. Results go to /results.
set -euo pipefail
TRACED=$1 TRACED_WHOLE=$2
cd /opt/workloads
# The machine may be busy: what comes first must not be a matter of milliseconds.
export SPAWNSCOPE_CGROUP SPAWNSCOPE_PAUSES=5
SPAWNSCOPE_CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
# Beside a package of its own: /usr/bin/perf asks for the running kernel's version in older ones.
PERF=$(find /usr/bin -name 'perf*' -type f ! -type l | grep -E '/perf(_[0-9.]+)?$' | sort -V | tail -n 1)

# check NAME COMMAND…
check() {
    local name=$1
    shift
    /opt/spawnscope/spawnscope record -q -o "/results/$name.data" -- "$@" >"/results/$name.out" 2>"/results/$name.err" </dev/null || true
    strace -f -ttt -s 65536 -e "trace=$TRACED" \
        -o "/results/$name.strace" -- "$@" >/dev/null 2>&1 </dev/null || true
    count_creations "/results/$name.data" "/results/$name.perf"
}

# count_creations SESSION FILE
count_creations() {
    { "$PERF" script -i "$1" 2>"$2.err" || echo failed; } | grep -c 'spawnscope:spawn:' >"$2" || true
}

# check_same NAME COMMAND…: one run of which both tell: strace is recorded. Its stamps are of another clock, whose difference is kept.
# Fails where strace is too old to tell pids of other namespaces.
check_same() {
    local run=/results/$1.same
    shift
    strace --decode-pids=pidns true 2>/dev/null || return 1
    mkdir -- "$run"
    python3 clock_difference.py >"$run/clock"
    /opt/spawnscope/spawnscope record -q -o "$run/session" -- strace -f -v -ttt -T -s 65536 --decode-pids=pidns --quiet=none -o "$run/strace.log" \
        -e "trace=$TRACED_WHOLE" \
        -- "$@" >"$run/out" 2>"$run/err" </dev/null || true
    python3 clock_difference.py >>"$run/clock"
    count_creations "$run/session" "$run/perf"
}

for program in creations executions endings waits; do gcc -O2 -g -pthread -o "$program" "$program.c"; done
GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE=/tmp/go go build -o spawn_loop_go spawn_loop.go

echo "$(ldd --version | head -n 1); $(gcc --version | head -n 1); $(python3 --version); $(bash --version | head -n 1); $(make --version | head -n 1);" \
    "$(go version); $(strace -V | head -n 1); $("$PERF" --version)" >/results/versions

for program in creations executions endings; do check "$program" ./every_mode.sh "./$program"; done
# A parent that asks the kernel to reap its children is a limit: see docs/reference/limits.md.
LEFT_OUT=sigchld-nocldwait check waits ./every_mode.sh ./waits
# multiprocessing's server and its children end at once, from Python 3.14 on: which is first differs from run to run.
check_same python ./every_mode.sh python3 lifecycles.py || check python ./every_mode.sh python3 lifecycles.py
check dash ./every_mode.sh dash lifecycles.sh
check bash ./every_mode.sh bash lifecycles.sh
check make make -s -j4 -f lifecycles.mk
check go ./spawn_loop_go 20
touch /results/complete
