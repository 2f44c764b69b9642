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
    # What `--version` tells of it.
    SPAWNSCOPE_COMMIT=$(git -C "$ROOT" describe --always --dirty --abbrev=12 2>/dev/null || true)
    export SPAWNSCOPE_COMMIT
    swift build "${options[@]}" --product "$1" >&2 </dev/null &&
        directory=$(swift build "${options[@]}" --show-bin-path </dev/null) && echo "$directory/$1"
}
