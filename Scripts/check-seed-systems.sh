#!/usr/bin/env bash
# Runs the quick form of every row of seed-systems.sh, holds those to their verdicts that counts decide, and sees that a wrong claim, an
# unknown row and a machine without Go are told. Part of test.sh.
#
#     Scripts/check-seed-systems.sh
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_root
SEED=$ROOT/Scripts/seed-systems.sh
make_scratch

EXPECTED=()
for expected in 1c=refuted 1e=refuted 5=refuted 6b=confirmed 6c=refuted 6d=confirmed 7=refuted 8b=partly 9=partly 10=refuted 11=refuted \
    11b=partly 12=partly 12b=partly 13=partly 14=confirmed; do
    EXPECTED+=(--expect "$expected")
done
"$SEED" --quick "${EXPECTED[@]}"

# refused STATUS PATTERN COMMAND…: ends so, and says why.
refused() {
    local status=$1 pattern=$2 found=0
    shift 2
    "$@" >"$SCRATCH/said" 2>&1 || found=$?
    if [ "$found" -ne "$status" ] || ! grep -q -- "$pattern" "$SCRATCH/said"; then
        cat "$SCRATCH/said" >&2
        fail 1 "ended with $found, not with $status, or did not say '$pattern': $*"
    fi
}

refused 1 'expected confirmed, the data say refuted' "$SEED" --quick --expect 10=confirmed 10
refused 64 'there is no row 77' "$SEED" 77
refused 64 'unknown option' "$SEED" --frobnicate
refused 1 'row10_failure_go was not built: there is no Go' env SPAWNSCOPE_WITHOUT_GO=1 GO= "$SEED" --quick 10
refused 1 'row06_concurrent_go1.19 was not built: there is no Go 1.19' env SPAWNSCOPE_WITHOUT_GO=1 GO= "$SEED" --quick 6b
say "seed systems: every row runs, and what is wrong is told"
