# What a user without rights records at settings of perf_event_paranoid and of Yama, sourced by kernel_guest.sh. unprivileged.py judges it.
# shellcheck shell=bash disable=SC2153  # kernel_guest.sh sets them

USER_TMP='mount -t tmpfs tmpfs /tmp && cd /tmp && exec "$@"'
USER_PYTHON=/usr/bin/python3

# as_user COMMAND…: who can get no rights, with a /tmp of its own, since root's runs leave files there.
as_user() {
    unshare --mount sh -c "$USER_TMP" sh setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs -- "$@"
}
in_namespace() { as_user unshare --user --map-root-user -- "$@"; }

# record_by AS NAME …: by as_user, in_namespace, or `as_root`, who runs the command as that user.
record_by() {
    local as=$1 name=$2
    shift 2
    run "$name" "$as" "$SPAWNSCOPE" record -o "$HERE/nobody/$name.data" "$@"
    if [ -e "$HERE/nobody/$name.data" ]; then mv -- "$HERE/nobody/$name.data" "$SHARED/"; fi
}
as_root() { unshare --mount sh -c "$USER_TMP" sh "$@"; }

# c_lives AS KIND [OPTION…], language_lives AS KIND [OPTION…]: every mode of every program.
c_lives() {
    local as=$1 kind=$2 program
    shift 2
    for program in creations executions endings; do record_by "$as" "$kind-$program" "$@" -- "$EVERY_MODE" "$WORKLOADS/$program"; done
    LEFT_OUT=sigchld-nocldwait record_by "$as" "$kind-waits" "$@" -- "$EVERY_MODE" "$WORKLOADS/waits"
}
language_lives() {
    local as=$1 kind=$2
    shift 2
    local shell
    for shell in dash bash; do record_by "$as" "$kind-$shell" "$@" -- "$EVERY_MODE" "$shell" "$WORKLOADS/lifecycles.sh"; done
    record_by "$as" "$kind-make" "$@" -- make -s -j4 -f "$WORKLOADS/lifecycles.mk"
    record_by "$as" "$kind-python" "$@" -- "$EVERY_MODE" "$USER_PYTHON" "$WORKLOADS/lifecycles.py"
    record_by "$as" "$kind-go" "$@" -- "$WORKLOADS/spawn_loop_go" "$GO_SPAWNS"
}
lives_by() {
    c_lives "$@" &
    language_lives "$@" &
    wait
}

# at PARANOID YAMA: from then on; what doctor and record say to the user there, by each recorder and of its own choice.
at() {
    local kind=at-$1-$2 recorder
    set_paranoid "$1"
    echo "$2" >/proc/sys/kernel/yama/ptrace_scope
    run "$kind-doctor" as_user "$SPAWNSCOPE" doctor
    record_by as_user "$kind" -- "$WORKLOADS/spawn_loop" 10
    for recorder in traced inherited; do record_by as_user "$kind-$recorder" --recorder "$recorder" -- "$WORKLOADS/spawn_loop" 10; done
}

# Keeps an event open, as HOLDER: the kernel patches its code at the first and after the last, on which the emulator may fail.
hold_events() {
    "$SPAWNSCOPE" record -q --recorder inherited -o "$HERE/held.data" -- sleep 100000 >"$SHARED/held.out" 2>&1 </dev/null &
    HOLDER=$!
    disown "$HOLDER"
}

unprivileged() {
    install -d -o 65534 "$HERE/nobody"
    hold_events
    # Followed by ptrace, what a child does takes longer still.
    export SPAWNSCOPE_PAUSES=20
    if [ "$ALL" = all ]; then
        run user-strace as_user strace -f -ttt -s 65536 -e "trace=$TRACED" -o "$HERE/nobody/strace" -- "$EVERY_MODE" "$WORKLOADS/endings"
        # This kernel's own word, as for root.
        mv -- "$HERE/nobody/strace" "$SHARED/user-endings.strace"
        lives_by as_root root -u nobody
    fi
    at 3 1
    if [ "$ALL" = all ]; then lives_by as_user at-3-1; fi
    at 4 0
    if [ "$ALL" = all ]; then lives_by as_user at-4-0; fi
    at 2 2
    # One after the other: before Linux 5.16 a recording takes all that its user may lock.
    if [ "$ALL" = all ]; then
        c_lives as_user at-2-2
        language_lives as_user at-2-2
    fi
    at 4 2
    # Yama asks for CAP_SYS_PTRACE in the namespace of who is traced, and there the user has it.
    record_by in_namespace at-4-2-namespace -- "$WORKLOADS/spawn_loop" 10
    set_paranoid "$(cat "$SHARED/paranoid")"
    cat "$SHARED/yama" >/proc/sys/kernel/yama/ptrace_scope
    kill "$HOLDER"
}
