#!/usr/bin/env bash
# Builds spawnscope and installs the program and its helper without their symbols, the manual pages and the completions of bash, zsh and fish.
#
#     Scripts/install.sh [--prefix DIR]        default /usr/local; DESTDIR is put before it, as packagers expect
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

PREFIX=/usr/local
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) PREFIX=${2:?--prefix needs a directory} && shift 2 ;;
    --prefix=*) PREFIX=${1#*=} && shift ;;
    -h | --help) sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
    *) fail 64 "unknown argument: $1 (see --help)" ;;
    esac
done
case $PREFIX in /*) ;; *) PREFIX=$PWD/$PREFIX ;; esac
TARGET=${DESTDIR:-}$PREFIX

install_dependencies runtime
PROGRAM=$(release_program spawnscope)
HELPER=$(release_program spawnscope-capture)
make_scratch
for shell in bash zsh fish; do
    "$PROGRAM" --generate-completion-script "$shell" >"$SCRATCH/$shell"
done

strip -o "$SCRATCH/spawnscope" -- "$PROGRAM"
strip -o "$SCRATCH/spawnscope-capture" -- "$HELPER"

# Only what the directory asks for: an own prefix needs no other rights.
run=()
parent=$TARGET
while [ ! -e "$parent" ]; do parent=$(dirname -- "$parent"); done
[ -w "$parent" ] || run=(as_root)
put() {
    local mode=$1 from=$2 to=$3
    ${run[@]+"${run[@]}"} install -D -m "$mode" -- "$from" "$TARGET/$to"
    say "installed $TARGET/$to"
}
put 755 "$SCRATCH/spawnscope" bin/spawnscope
# Without capabilities: these are the administrator's to give.
put 755 "$SCRATCH/spawnscope-capture" libexec/spawnscope/spawnscope-capture
for page in "$ROOT"/docs/man/*.1; do put 644 "$page" "share/man/man1/${page##*/}"; done
put 644 "$SCRATCH/bash" share/bash-completion/completions/spawnscope
put 644 "$SCRATCH/zsh" share/zsh/site-functions/_spawnscope
put 644 "$SCRATCH/fish" share/fish/vendor_completions.d/spawnscope.fish
