#!/usr/bin/env bash
# Records the article's systems with Spawnscope and writes what the data say of each of its claims: Results/seed-systems.md, and the
# same as JSON.
#
#     Scripts/seed-systems.sh [--quick] [--expect ROW=VERDICT]… [ROW…]
#
#     --expect    fails where the data say otherwise of that row: confirmed, refuted, partly or undecided
#     --quick     small counts and one round: what must hold exactly is checked, nothing is written
#     ROW…        only these, and nothing is written; without any, all
#
# Exits with 1 where a row could not be measured, or is not what was expected of it.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

ARGUMENTS=("$@")
QUICK=
ROWS=()
EXPECTED=()
while [ $# -gt 0 ]; do
    case $1 in
    --quick) QUICK=1 ;;
    --expect)
        case ${2:-} in
        ?*=confirmed | ?*=refuted | ?*=partly | ?*=undecided) EXPECTED+=(--expect "$2") ;;
        *) fail 64 "--expect needs ROW=VERDICT" ;;
        esac
        shift
        ;;
    -*) fail 64 "unknown option: $1" ;;
    *) ROWS+=("$1") ;;
    esac
    shift
done

need_root
if command -v python3 >/dev/null; then
    WANTED=("${ROWS[@]}")
    for word in "${EXPECTED[@]}"; do
        case $word in *=*) WANTED+=("${word%%=*}") ;; esac
    done
    PYTHONDONTWRITEBYTECODE=1 python3 "$ROOT/Scripts/seed_systems.py" --check "${WANTED[@]}"
fi
# wants ROW: whether it is to be measured.
wants() { [ ${#ROWS[@]} -eq 0 ] || [[ " ${ROWS[*]} " == *" $1 "* ]]; }

# Without Go most rows cannot be measured; each says so.
install_packages test
(install_go) || say "going on without Go"
if wants 6b; then
    (install_older_go) || say "going on without Go 1.19"
    (install_newer_go) || say "going on without Go 1.27"
fi
mount_tracefs
need_spawnscope record report fold compare
make_scratch

PROGRAMS=$SCRATCH/programs
mkdir -p "$PROGRAMS"
SOURCES=$ROOT/Scripts/workloads
for source in "$SOURCES"/*.c; do
    name=$(basename "$source" .c)
    case $name in
    row01b_nothing) gcc -O2 -static -nostdlib -o "$PROGRAMS/$name" "$source" ;;
    row01d_ballast) gcc -O2 -o "$PROGRAMS/${name}_c" "$source" ;;
    *) gcc -O2 -o "$PROGRAMS/$name" "$source" ;;
    esac
done
# build_go GO SOURCE PROGRAM [OPTION…]
build_go() {
    local go=$1 source=$2 program=$3
    shift 3
    GO111MODULE=off GOPROXY=off GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0 \
        "$go" build "$@" -o "$PROGRAMS/$program" "$SOURCES/$source.go"
}

GO_PROGRAM=$(go_program)
if [ -n "$GO_PROGRAM" ]; then
    for source in "$SOURCES"/*.go; do
        name=$(basename "$source" .go)
        build_go "$GO_PROGRAM" "$name" "${name}_go"
    done
    build_go "$GO_PROGRAM" row01_run_true row01_run_true_go_stripped -ldflags '-s -w'
fi
if [ -z "${SPAWNSCOPE_WITHOUT_GO:-}" ] && wants 6b; then
    for version in "1.19 $OLDER_GO_PROGRAM" "1.27 $NEWER_GO_DIRECTORY/go/bin/go"; do
        if [ -x "${version#* }" ]; then build_go "${version#* }" row06_concurrent "row06_concurrent_go${version%% *}"; fi
    done
fi

OUTPUT=()
if [ -z "$QUICK" ] && [ ${#ROWS[@]} -eq 0 ]; then
    OUTPUT=(--page "$ROOT/Results/seed-systems.md" --json "$ROOT/Results/seed-systems.json")
fi
PYTHONDONTWRITEBYTECODE=1 "$(python_program)" "$ROOT/Scripts/seed_systems.py" --spawnscope "$SPAWNSCOPE" --programs "$PROGRAMS" --sources "$SOURCES" --scratch "$SCRATCH" \
    --command-line "$(command_line)" ${QUICK:+--quick} "${EXPECTED[@]}" "${OUTPUT[@]}" -- "${ROWS[@]}"
