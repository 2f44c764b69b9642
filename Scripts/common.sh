# What the scripts share. Sourced, never run; the caller has set -euo pipefail.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are read by the scripts that source this

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
TRACEFS=/sys/kernel/tracing

say() { printf '%s\n' "$*" >&2; }

# fail STATUS TEXT: one clear line, then the end. 64 and up as in sysexits(3).
fail() {
    local status=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$status"
}

# Runs a command with root's rights: as it is for root, by sudo for others.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        fail 77 "needs root or sudo for: $*"
    fi
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# The interpreter itself: a shim of a version manager would start processes of its own and be counted.
python_program() { python3 -c 'import sys; print(sys.executable)'; }

# A temporary directory on a disk (recordings are large), removed when the script ends unless KEEP is set.
make_scratch() {
    SCRATCH=$(mktemp -d "${TMPDIR:-/var/tmp}/spawnscope.XXXXXX")
    trap 'remove_scratch' EXIT
}

remove_scratch() {
    if [ -n "${KEEP:-}" ]; then
        say "kept: $SCRATCH"
    else
        rm -rf -- "$SCRATCH"
    fi
}

# Builds spawnscope in release mode unless SPAWNSCOPE names a program already; sets SPAWNSCOPE to its path.
need_spawnscope() {
    if [ -z "${SPAWNSCOPE:-}" ]; then
        swift build --package-path "$ROOT" -c release --static-swift-stdlib >&2
        SPAWNSCOPE=$(swift build --package-path "$ROOT" -c release --static-swift-stdlib --show-bin-path)/spawnscope
    fi
    SPAWNSCOPE=$(realpath -e -- "$SPAWNSCOPE") || fail 66 "SPAWNSCOPE names no file"
    [ -x "$SPAWNSCOPE" ] || fail 66 "not a program: $SPAWNSCOPE"
    "$SPAWNSCOPE" record --help >/dev/null 2>&1 ||
        fail 69 "$SPAWNSCOPE has no record command: build this version, or name another by SPAWNSCOPE=PATH"
}

# Builds the workloads; sets WORKLOADS to where they are, and PYTHON.
need_workloads() {
    WORKLOADS=${WORKLOADS:-$ROOT/.build/workloads}
    PYTHON=$(python_program)
    "$ROOT/Scripts/build-workloads.sh" "$WORKLOADS" >/dev/null
}

# The machine in one line, for results: kernel, processor, number of CPUs, memory.
machine_line() {
    local processor memory
    processor=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
    memory=$(awk '/^MemTotal:/ { printf "%d", $2 / 1048576 + 0.5 }' /proc/meminfo)
    printf 'Linux %s, %s × %s, %s GiB\n' "$(uname -r | cut -d - -f 1)" "$(nproc)" "${processor:-$(uname -m)}" "$memory"
}

# What is measured: the commit, and whether the tree differs from it.
revision_line() {
    local revision
    revision=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null) || {
        echo "not a git checkout"
        return
    }
    if git -C "$ROOT" diff --quiet HEAD -- Sources Package.swift 2>/dev/null; then
        echo "$revision"
    else
        echo "$revision with changes"
    fi
}

# Sorted folded stacks of one event by perf and the Perl script that STACKCOLLAPSE names: perf_fold FILE EVENT
# The Perl script's own choice of events lets tracepoints through, so the samples are chosen before it sees them; it
# complains of samples without a callchain, and folds none of them.
perf_fold() {
    perf script -i "$1" 2>/dev/null | samples_of_event "$2" | perl "$STACKCOLLAPSE" 2>/dev/null | LC_ALL=C sort
}

# Of perf script's text the samples of one event. Frames start with a tab, the first line of a sample does not.
samples_of_event() {
    LC_ALL=C awk -v event="$1" '
        /^[^\t]/ {
            kept = 0
            if (match($0, / [0-9]+\.[0-9]+: +([0-9]+ +)?/)) {
                rest = substr($0, RSTART + RLENGTH)
                kept = index(rest " ", event ": ") == 1
            }
        }
        kept'
}

need_stackcollapse() {
    [ -n "${STACKCOLLAPSE:-}" ] || return 1
    [ -r "$STACKCOLLAPSE" ] || fail 66 "STACKCOLLAPSE names no readable file: $STACKCOLLAPSE"
}
