#!/usr/bin/env bash
# Measures what hostile programs (Scripts/hostile_inputs.py) cost whoever records them: CPU seconds and peak memory of `record`, beside the
# limits that hold for any input (256 MiB + 4 x bytes on disk, 10 s + 1 s for each MiB on disk). Each is made in a directory of its own.
#   Scripts/check-limits.sh [SPAWNSCOPE] [OPTION-OF-RECORD...]
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

spawnscope=$(realpath "${1:-$ROOT/.build/debug/spawnscope}")
[ $# -eq 0 ] || shift
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT

printf '| input | bytes on disk | CPU s | peak MiB | status |\n|---|---|---|---|---|\n'
"$ROOT/Scripts/hostile_inputs.py" --list | while read -r input kind; do
    [ "$kind" = program ] || continue
    "$ROOT/Scripts/hostile_inputs.py" "$directory" "$input"
    cd "$directory/$input"
    bytes=$(($(du -sk . | cut -f1) * 1024))
    status=0
    # Of the recorder alone, and no more than the machine has to spare.
    (
        ulimit -v 12000000
        timeout -k 1 60 /usr/bin/time -o ../figures -f '%U %S %M' "$spawnscope" record -o ../s.data "$@" -- ./program >../output 2>&1 </dev/null
    ) || status=$?
    tail -1 ../figures 2>/dev/null | awk -v input="$input" -v bytes="$bytes" -v status="$status" \
        'NF == 3 { printf "| %s | %d | %.1f | %d | %d |\n", input, bytes, $1 + $2, $3 / 1024, status; found = 1 }
         END { if (!found) printf "| %s | %d | | | %d (ended after 60 s) |\n", input, bytes, status }'
    if [ -e made ]; then rm -f "$(cat made)"; fi
    cd "$ROOT"
    rm -rf "$directory"/*
done
