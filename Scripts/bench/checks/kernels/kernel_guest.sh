#!/usr/bin/env bash
# What `bench check kernels` has an emulated machine do: records the lifecycle workloads, and with each of record's options, and asks what
# is allowed to root and to another user. kernel_guest.sh SPAWNSCOPE WORKLOADS PYTHON TRACED-CALLS PARTS [all]; results go to /run/shared,
# judge.py judges them. PARTS are `recorded` and `unprivileged`, separated by a comma; with `all` also what takes long.
set -u
SPAWNSCOPE=$1 WORKLOADS=$2 PYTHON=$3 TRACED=$4 PARTS=$5 ALL=${6:-}
LIBC=$(ldd "$WORKLOADS/spawn_loop" | awk '$1 == "libc.so.6" { print $3 }')
SHARED=/run/shared
HERE=$(mktemp -d /var/tmp/check.XXXXXX)
chmod 755 "$HERE"
cd "$HERE" || exit 1
EVERY_MODE=$WORKLOADS/every_mode.sh
# As every init does; before it, a group has no perf_event.
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
export SPAWNSCOPE_CGROUP=/sys/fs/cgroup SPAWNSCOPE_PAUSES=10
# As command.py has it.
GO_SPAWNS=20

# run NAME COMMAND…: its output, its messages and its status; how long it took goes to the console.
run() {
    local name=$1 start=$SECONDS status
    shift
    "$@" >"$SHARED/$name.out" 2>"$SHARED/$name.err" </dev/null
    status=$?
    echo "$status" >"$SHARED/$name.status"
    echo "$name: status $status after $((SECONDS - start)) s"
}

record() {
    local name=$1
    shift
    run "$name" "$SPAWNSCOPE" record -o "$name.data" "$@"
    if [ -e "$name.data" ]; then mv -- "$name.data" "$SHARED/"; fi
}

is_asked_for() { case ",$PARTS," in *",$1,"*) ;; *) return 1 ;; esac }

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"; }

set_paranoid() { echo "$1" >/proc/sys/kernel/perf_event_paranoid; }

# lifecycles NAME [OPTION…]
lifecycles() {
    local name=$1 program
    shift
    for program in creations executions endings; do record "$name-$program" "$@" -- "$EVERY_MODE" "$WORKLOADS/$program"; done
    # A parent that asks the kernel to reap its children is a limit: see docs/reference/limits.md.
    LEFT_OUT=sigchld-nocldwait record "$name-waits" "$@" -- "$EVERY_MODE" "$WORKLOADS/waits"
}

languages() {
    if [ "$ALL" = all ]; then
        record lives-python -- "$EVERY_MODE" "$PYTHON" "$WORKLOADS/lifecycles.py"
        record lives-bash -- "$EVERY_MODE" bash "$WORKLOADS/lifecycles.sh"
        record lives-go -- "$WORKLOADS/spawn_loop_go" "$GO_SPAWNS"
    fi
    record lives-dash -- "$EVERY_MODE" dash "$WORKLOADS/lifecycles.sh"
    record lives-make -- make -s -j4 -f "$WORKLOADS/lifecycles.mk"
    # This kernel's own word where kernels differ: which thread's code is the process's.
    run strace strace -f -ttt -s 65536 -e "trace=$TRACED" \
        -o "$SHARED/lives-endings.strace" -- "$EVERY_MODE" "$WORKLOADS/endings"
}

# A loop that spawns until it is stopped, as LOOP.
start_loop() {
    sh -c 'while :; do /bin/true; done' &
    LOOP=$!
}
stop_loop() {
    kill "$LOOP"
    wait "$LOOP" 2>/dev/null
}

options() {
    local loop=("$WORKLOADS/spawn_loop" 10)
    record plain -- "${loop[@]}"
    record sample --sample 999 --stack-size 32K --link -- "${loop[@]}"
    record probe --no-pack --probe "$LIBC:posix_spawn" -- "${loop[@]}"
    record event -g -e syscalls:sys_enter_openat --filter 'flags & 0x80000' -- "${loop[@]}"
    record no-syscalls --no-syscalls -- "${loop[@]}"
    record wait-for-all --wait-for-all --keep-all -- sh -c 'sleep 0.3 & exit 4'
    run user sh -c '"$@" >'"$SHARED/user.data" sh "$SPAWNSCOPE" record -q -o - -u nobody -- sh -c 'id -u >&2; exec "$@"' sh "${loop[@]}"
    mkdir -p /sys/fs/cgroup/check
    sh -c 'echo $$ >/sys/fs/cgroup/check/cgroup.procs; sleep 7; exec "$@"' sh "${loop[@]}" >/dev/null &
    record cgroup --cgroup check --duration 15s
    wait
    start_loop
    record pid -p "$LOOP" --duration 500ms
    stop_loop
    record all -a -- "${loop[@]}"
    run report "$SPAWNSCOPE" report --format json "$SHARED/plain.data"
}

rights() {
    run doctor "$SPAWNSCOPE" doctor
    run doctor-user as_nobody "$SPAWNSCOPE" doctor
    install -d -o 65534 "$HERE/user"
    run record-user as_nobody "$SPAWNSCOPE" record -o "$HERE/user/data" -- "$WORKLOADS/spawn_loop" 10
    run record-user-phases as_nobody "$SPAWNSCOPE" record --require phases -o "$HERE/user/phases" -- true
    # A program with capabilities of its own: what perf_event_paranoid above 2 leaves to them.
    install -m 755 "$SPAWNSCOPE" "$HERE/capable"
    setcap cap_perfmon,cap_bpf,cap_dac_read_search,cap_ipc_lock,cap_syslog+ep "$HERE/capable"
    run doctor-capable as_nobody "$HERE/capable" doctor
    run record-capable as_nobody "$HERE/capable" record -o user/data -- "$WORKLOADS/spawn_loop" 10
    set_paranoid 2
    run doctor-user-paranoid-2 as_nobody "$SPAWNSCOPE" doctor
    run record-capable-paranoid-2 as_nobody "$HERE/capable" record -o user/data -- "$WORKLOADS/spawn_loop" 10
    set_paranoid "$(cat "$SHARED/paranoid")"
}

# Nobody may attach to anybody from then on: recording reads no process's memory.
attaching_forbidden() {
    echo 3 >/proc/sys/kernel/yama/ptrace_scope
    start_loop
    record yama -p "$LOOP" --duration 500ms
    stop_loop
}

recorded() {
    {
        rights
        lifecycles lives
        # What fell back did so already.
        if [ "$ALL" = all ] && grep -q 'ok .*joined recorder' "$SHARED/doctor.out"; then lifecycles events --recorder events; fi
    } &
    {
        languages
        options
    } &
    wait
}

# shellcheck source=Scripts/bench/checks/kernels/unprivileged_guest.sh
. "$(dirname -- "$0")/unprivileged_guest.sh"

uname -r >"$SHARED/release"
cat /proc/sys/kernel/perf_event_paranoid >"$SHARED/paranoid" 2>/dev/null
cat /proc/sys/kernel/yama/ptrace_scope >"$SHARED/yama" 2>/dev/null
if is_asked_for recorded; then recorded; fi
if is_asked_for unprivileged; then unprivileged; fi
if is_asked_for recorded; then attaching_forbidden; fi
touch "$SHARED/complete"
