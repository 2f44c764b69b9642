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

need_root() { is_root || fail 77 "recording needs root: sudo -E $0"; }

# read_options OPTION… -- ARGUMENT…: reads the arguments of a script, and keeps them in ARGUMENTS. An OPTION is
# "--rounds ROUNDS a number": the variable that takes its value, and what it needs; or "--perf-only PERF_ONLY": the
# variable that is 1 with it.
read_options() {
    local known option variable need options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    ARGUMENTS=("$@")
    while [ $# -gt 0 ]; do
        for known in "${options[@]}"; do
            read -r option variable need <<<"$known"
            [ "$option" != "$1" ] || break
        done
        [ "$option" = "$1" ] || fail 64 "unknown argument: $1"
        if [ -z "$need" ]; then
            printf -v "$variable" 1
            shift
        else
            [ -n "${2:-}" ] || fail 1 "$1 needs $need"
            printf -v "$variable" %s "$2"
            shift 2
        fi
    done
}

# The command that a page was made with.
command_line() { echo "Scripts/${0##*/}${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}"; }

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

# Builds a product in release mode and prints its path.
release_program() {
    local options=(--package-path "$ROOT" -c release --static-swift-stdlib) directory
    swift build "${options[@]}" --product "$1" >&2 </dev/null &&
        directory=$(swift build "${options[@]}" --show-bin-path </dev/null) && echo "$directory/$1"
}

# need_spawnscope COMMAND…: builds spawnscope in release mode unless SPAWNSCOPE names a program already; sets SPAWNSCOPE
# to its path. It must have the COMMANDs.
need_spawnscope() {
    local command
    if [ -z "${SPAWNSCOPE:-}" ]; then SPAWNSCOPE=$(release_program spawnscope); fi
    SPAWNSCOPE=$(realpath -e -- "$SPAWNSCOPE") || fail 66 "SPAWNSCOPE names no file"
    [ -x "$SPAWNSCOPE" ] || fail 66 "not a program: $SPAWNSCOPE"
    for command in "$@"; do
        "$SPAWNSCOPE" "$command" --help >/dev/null 2>&1 ||
            fail 69 "$SPAWNSCOPE has no $command command: build this version, or name another by SPAWNSCOPE=PATH"
    done
}

# Builds the workloads; sets WORKLOADS to where they are, and PYTHON.
need_workloads() {
    WORKLOADS=${WORKLOADS:-$ROOT/.build/workloads}
    PYTHON=$(python_program)
    "$ROOT/Scripts/build-workloads.sh" "$WORKLOADS" >/dev/null
}

# need_recorder COMMAND…: all that a script needs which records the workloads; the COMMANDs are need_spawnscope's.
need_recorder() {
    install_dependencies test
    need_root
    need_spawnscope "$@"
    need_workloads
    make_scratch
}

# record_session [OPTION…] -- COMMAND…: records into $SCRATCH/session, in the place of the session before. What COMMAND
# prints goes to $SCRATCH/printed, what the recorder says, and COMMAND on standard error, to $SCRATCH/summary.
record_session() {
    rm -f -- "$SCRATCH"/session*
    "$SPAWNSCOPE" record -o "$SCRATCH/session" "$@" >"$SCRATCH/printed" 2>"$SCRATCH/summary" </dev/null
}

# Of the summary "5 spawns in 0.006 s: …" and "0 lost of 71 events", or "LOST 41 of 22023 events": one number each;
# they fail where it is not there.
summary_spawns() { sed -n 's/^spawnscope: \([0-9]*\) spawns.*/\1/p' "$SCRATCH/summary" | grep .; }
summary_lost() { lost_and_events | cut -d ' ' -f 1 | grep .; }
summary_events() { lost_and_events | cut -d ' ' -f 2 | grep .; }
lost_and_events() {
    sed -n -e 's/^spawnscope: \([0-9]*\) lost of \([0-9]*\) events.*/\1 \2/p' \
        -e 's/^spawnscope: LOST \([0-9]*\) of \([0-9]*\) events.*/\1 \2/p' "$SCRATCH/summary"
}

# program_count FILE: the last "spawned N" that a workload printed; shells and make print none.
program_count() { sed -n 's/^spawned \([0-9][0-9]*\)$/\1/p' "$1" | tail -n 1; }

# A table of Markdown: HEAD, and a row for each check or measurement, told as it is made.
ROWS=()
add_row() {
    ROWS+=("$1")
    say "$1"
}
print_table() {
    awk '{ print } gsub(/[^|]+/, "---")' <<<"$HEAD"
    printf '%s\n' "${ROWS[@]}"
}

# write_page FILE [print]: the page on standard input, where - is standard output; with `print` there as well.
write_page() {
    if [ "$1" = - ]; then
        cat
        return
    fi
    mkdir -p -- "$(dirname -- "$1")"
    if [ "${2:-}" = print ]; then tee -- "$1"; else cat >"$1"; fi
    say "written: $1"
}

# When, what and where was measured, in one line.
measured_line() { echo "$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)"; }

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
