#!/usr/bin/env bash
# Checks what is recorded on other releases of Debian than the machine's own, each in a directory of its own (debootstrap) on this machine's
# kernel: the lifecycle workloads, built by their gcc and with their Python, shells, make and Go, against their strace; and that their perf
# opens the session, which counts as many creations. Exits with 1 when one thing differs, with 69 where Debian's mirror cannot be reached.
#
#     Scripts/check-distributions.sh [RELEASE…] [--output FILE]
#
#     RELEASE          bullseye, trixie, sid; all without
#     --output FILE    the page (Results/distributions.md when all are checked, else none; - is standard output)
#
# The program comes with its own libraries and loader: it needs a newer libc than the oldest has. Packages are kept in
# ${XDG_CACHE_HOME:-~/.cache}/spawnscope/debian, the directories are removed.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"
# shellcheck source=Scripts/debian.sh
. "$ROOT/Scripts/debian.sh"

ALL=(bullseye trixie sid)
PACKAGES=python3,bash,make,gcc,libc6-dev,strace,linux-perf,golang-go,perl
RELEASES=()
OUTPUT=
while [[ ${1:-} == [a-z]* ]]; do
    [[ " ${ALL[*]} " == *" $1 "* ]] || fail 64 "not a release: $1; one of ${ALL[*]}"
    RELEASES+=("$1")
    shift
done
read_options '--output OUTPUT a file' -- "$@"
ARGUMENTS=("${RELEASES[@]}" "${ARGUMENTS[@]}")
if [ ${#RELEASES[@]} -eq 0 ]; then
    RELEASES=("${ALL[@]}")
    OUTPUT=${OUTPUT:-$ROOT/Results/distributions.md}
fi

install_dependencies test
need_root
need_spawnscope record report
make_scratch

# install_release RELEASE: into $THERE.
install_release() {
    THERE=$SCRATCH/$1
    mkdir -p -- "$DEBIAN_CACHE/packages"
    debootstrap --variant=minbase --keyring="$DEBIAN_KEYRING" --cache-dir="$DEBIAN_CACHE/packages" --include="$PACKAGES" \
        "$1" "$THERE" "$(debian_mirror)" >"$SCRATCH/debootstrap.log" 2>&1 </dev/null || {
        tail -n 5 "$SCRATCH/debootstrap.log" >&2
        fail 69 "Debian $1 cannot be installed"
    }
}

# The program with its libraries, and the workloads' sources.
bring_program() {
    local library
    mkdir -p -- "$THERE/opt/spawnscope/lib" "$THERE/opt/workloads" "$THERE/results"
    cp -- "$SPAWNSCOPE" "$THERE/opt/spawnscope/program"
    while read -r library; do cp -L -- "$library" "$THERE/opt/spawnscope/lib/"; done < <(ldd "$SPAWNSCOPE" | grep -oE '/[^ )]+')
    cat >"$THERE/opt/spawnscope/spawnscope" <<'END'
#!/bin/sh
exec /opt/spawnscope/lib/ld-linux-x86-64.so.2 --library-path /opt/spawnscope/lib /opt/spawnscope/program "$@"
END
    chmod +x "$THERE/opt/spawnscope/spawnscope"
    cp -- "$ROOT"/Tests/Workloads/{creations,executions,endings,waits}.c "$ROOT"/Tests/Workloads/*.h \
        "$ROOT"/Tests/Workloads/{lifecycles.*,every_mode.sh,spawn_loop.go} "$ROOT"/Scripts/{distribution_guest.sh,clock_difference.py} "$THERE/opt/workloads/"
}

# In a mount namespace of its own: nothing of it is left.
run_there() {
    # shellcheck disable=SC2016  # expanded there
    unshare -m -- sh -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /sys "$1/sys"
        mount --rbind /dev "$1/dev"
        there=$1
        shift
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$there" "$@"
    ' sh "$THERE" "$@" >"$SCRATCH/there.log" 2>&1 </dev/null
}

HEAD='| workload | spawns | execs | forked | failed | failed attempts | failed creations | unreaped | orphaned | unfinished | lost | |'
DIFFERENT=0
SECTIONS=
SAME_ROWS=()
# judge_creations NAME SESSION FILE: a row on what their perf counted.
judge_creations() {
    local seen wanted state=equal
    seen=$(cat -- "$3")
    wanted=$("$SPAWNSCOPE" info "$2" | sed -n 's/^  task:task_newtask: \([0-9]*\),.*/\1/p')
    [ "$seen" = "$wanted" ] || {
        DIFFERENT=$((DIFFERENT + 1))
        state=different
    }
    rows+=("| $1, \`perf script\` | $seen of $wanted creations | | | | | | | | | | $state |")
}

# judge RELEASE: the tables of one release.
judge() {
    local session name row rows=()
    for session in "$THERE"/results/*.data; do
        name=$(basename "$session" .data)
        "$SPAWNSCOPE" report --format json --spawns "$session" >"$SCRATCH/report.json" 2>"$SCRATCH/report.err" || cat -- "$SCRATCH/report.err" >&2
        row=$("$ROOT/Scripts/compare_lifecycle.py" "$SCRATCH/report.json" "$THERE/results/$name.strace" 2>"$SCRATCH/differences.err") ||
            [[ $row == *'a limit: see README' ]] || {
            DIFFERENT=$((DIFFERENT + 1))
            sed "s/^/    $1, $name: /" "$SCRATCH/differences.err" | head -n 20 >&2
        }
        rows+=("| $name | $row |")
        judge_creations "$name" "$session" "$THERE/results/$name.perf"
    done
    for session in "$THERE"/results/*.same/session; do
        [ -e "$session" ] || continue # no such run there
        name=$(basename "$(dirname "$session")" .same)
        "$SPAWNSCOPE" report --format json --spawns "$session" >"$(dirname "$session")/report.json"
        row=$("$ROOT/Scripts/compare_same_recording.py" "$(dirname "$session")" 2>"$SCRATCH/differences.err") || [[ $row == *'a limit: see README' ]] || {
            DIFFERENT=$((DIFFERENT + 1))
            sed "s/^/    $1, $name, the same recording: /" "$SCRATCH/differences.err" | head -n 20 >&2
        }
        SAME_ROWS+=("| $1 | $name | $row |")
        judge_creations "$name" "$session" "$(dirname "$session")/perf"
    done
    [ ${#rows[@]} -gt 0 ] && [ -e "$THERE/results/complete" ] || {
        tail -n 20 "$SCRATCH/there.log" >&2
        fail 1 "Debian $1: nothing was recorded"
    }
    printf '## Debian %s\n\n%s\n\n%s\n%s\n' "$1" "$(cat -- "$THERE/results/versions")" "$HEAD" \
        "$(awk '{ print } gsub(/[^|]+/, "---")' <<<"$HEAD" | tail -n 1)"
    printf '%s\n' "${rows[@]}"
}

for release in "${RELEASES[@]}"; do
    say "Debian $release"
    install_release "$release"
    bring_program
    run_there bash /opt/workloads/distribution_guest.sh || {
        tail -n 20 "$SCRATCH/there.log" >&2
        fail 1 "Debian $release: the workloads could not be run"
    }
    judge "$release" >"$SCRATCH/section"
    cat -- "$SCRATCH/section" >&2
    SECTIONS+=$(cat -- "$SCRATCH/section")$'\n\n'
    rm -rf -- "$THERE"
done

if [ -n "$OUTPUT" ]; then
    write_page "$OUTPUT" <<END
# Other releases of Debian

Each in a directory of its own on this kernel, with its own gcc, Python, shells, make and Go; the program brings its libraries. All modes
of a workload are one session, and run again under that release's \`strace\`: *equal* as in \`Scripts/check-lifecycle.sh\`; Python's are one run, of
which both tell, where that release's strace can tell pids of other namespaces. Its \`perf script\` opens each session and prints as many
creations as it holds.

    $(command_line)

$(measured_line)

$SECTIONS## The same recording

\`record -- strace … -- PROGRAM\`: each spawn is looked up by its pid, and its fields are compared.

| release | workload | spawns | equal | not known | strace cannot decide | |
|---|---|---|---|---|---|---|
$(printf '%s\n' "${SAME_ROWS[@]}")
END
fi
[ "$DIFFERENT" -eq 0 ] || fail 1 "$DIFFERENT differ"
