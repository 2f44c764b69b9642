#!/usr/bin/env bash
# Boots Debian's kernels, emulated in software, and checks what is recorded there: the lifecycle workloads against strace, each of record's
# options, and what root and others are told they may do. What a kernel cannot tell must be absent. Exits with 1 when one thing is not as it
# must be, with 69 where Debian's mirror cannot be reached.
#
#     Scripts/check-kernels.sh [RELEASE…] [--turn N] [--output FILE]
#
#     RELEASE          bullseye (Linux 5.10), bookworm (6.1), trixie (6.12), sid (the newest); all without
#     --turn N         one of them, whose turn it is at the number N: CI gives it the number of commits
#     --output FILE    the page (Results/kernels.md when all are checked, else none; - is standard output)
#
# Packages come from the mirror that /etc/apt names, into ${XDG_CACHE_HOME:-~/.cache}/spawnscope/debian.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"
# shellcheck source=Scripts/debian.sh
. "$ROOT/Scripts/debian.sh"
# shellcheck source=Scripts/emulated_machine.sh
. "$ROOT/Scripts/emulated_machine.sh"

ALL=(bullseye bookworm trixie sid)
RELEASES=()
TURN=
OUTPUT=
while [[ ${1:-} == [a-z]* ]]; do
    [[ " ${ALL[*]} " == *" $1 "* ]] || fail 64 "not a release: $1; one of ${ALL[*]}"
    RELEASES+=("$1")
    shift
done
read_options '--turn TURN a number' '--output OUTPUT a file' -- "$@"
ARGUMENTS=("${RELEASES[@]}" "${ARGUMENTS[@]}")
[[ $TURN =~ ^[0-9]*$ ]] || fail 64 "--turn needs a number"
if [ -n "$TURN" ]; then
    RELEASES=("${ALL[TURN % ${#ALL[@]}]}")
elif [ ${#RELEASES[@]} -eq 0 ]; then
    RELEASES=("${ALL[@]}")
    OUTPUT=${OUTPUT:-$ROOT/Results/kernels.md}
fi

install_dependencies test
need_root
need_spawnscope record report fold doctor
need_workloads
cp -- "$ROOT/Tests/Workloads/every_mode.sh" "$WORKLOADS/"
make_scratch

# What the workloads do, by strace on this machine.
trace_here() {
    local name=$1
    shift
    env -i PATH="$GUEST_PATH" HOME=/root LC_ALL=C.UTF-8 SPAWNSCOPE_CGROUP="$SPAWNSCOPE_CGROUP" SPAWNSCOPE_PAUSES=10 \
        LEFT_OUT="${LEFT_OUT:-}" strace -f -ttt -s 65536 -o "$SCRATCH/lives-$name.strace" \
        -e trace=fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction -- "$@" >/dev/null 2>&1 </dev/null || true
}
SPAWNSCOPE_CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
for program in creations executions; do trace_here "$program" "$WORKLOADS/every_mode.sh" "$WORKLOADS/$program"; done
LEFT_OUT=sigchld-nocldwait trace_here waits "$WORKLOADS/every_mode.sh" "$WORKLOADS/waits"
[ -n "$TURN" ] || trace_here python "$WORKLOADS/every_mode.sh" "$PYTHON" "$WORKLOADS/lifecycles.py"
trace_here dash "$WORKLOADS/every_mode.sh" dash "$WORKLOADS/lifecycles.sh"
trace_here make make -s -j4 -f "$WORKLOADS/lifecycles.mk"

# One in turn leaves out what takes long.
LIMIT=1800
[ -z "$TURN" ] || LIMIT=840
WRONG=()
for release in "${RELEASES[@]}"; do
    fetch_kernel "$release"
    say "Debian $release: Linux $KERNEL_VERSION"
    SHARED=$SCRATCH/$release
    mkdir -p -- "$SHARED"
    cp -- "$SCRATCH"/lives-*.strace "$SHARED/"
    start=$SECONDS
    emulate "$KERNEL" "$LIMIT" "bash $ROOT/Scripts/kernel_guest.sh $SPAWNSCOPE $WORKLOADS $PYTHON ${TURN:-all}" || true
    if [ ! -e "$SHARED/complete" ]; then
        tail -n 20 "$SHARED/console" >&2
        fail 1 "Linux $KERNEL_VERSION: the emulated machine did not finish"
    fi
    say "ran for $((SECONDS - start)) s"
    "$ROOT/Scripts/check_kernels.py" "$SPAWNSCOPE" "$SHARED" >"$SCRATCH/$release.md" || WRONG+=("$release")
    cat -- "$SCRATCH/$release.md" >&2
done

if [ -n "$OUTPUT" ]; then
    {
        cat <<END
# The kernels of Debian

Each was booted in qemu under software emulation with this machine's files, and recorded there what follows; reports were made here. *Equal*:
as \`Scripts/check-lifecycle.sh\` has it, all modes of a workload as one session, beside strace on this machine, for endings beside strace
there: kernels before 5.17 take the code of a process whose threads leave one by one from its first thread.

    $(command_line)

$(measured_line), $(qemu-system-x86_64 --version | head -n 1), $(strace -V | head -n 1)

END
        for release in "${RELEASES[@]}"; do
            printf '## Debian %s\n\n' "$release"
            cat -- "$SCRATCH/$release.md"
            echo
        done
    } | write_page "$OUTPUT"
fi
[ ${#WRONG[@]} -eq 0 ] || fail 1 "not as it must be: ${WRONG[*]}"
