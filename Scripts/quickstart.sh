#!/usr/bin/env bash
# From a fresh clone to a first session: installs what is missing, builds spawnscope, records a real program (a small
# C project being built by make), and prints the spawns as folded stacks.
#
#     Scripts/quickstart.sh        from any directory
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

step() { printf '\n== %s\n' "$*" >&2; }

step "installing what is missing"
install_dependencies runtime

step "building spawnscope (release)"
SPAWNSCOPE=$(release_program spawnscope)

make_scratch
SESSION=$SCRATCH/spawnscope.data
WORKLOAD=(make --no-print-directory -C "$ROOT/Tests/Workloads" GO= OUT="$SCRATCH")

step "recording: spawnscope record -o $SESSION -- ${WORKLOAD[*]}"
# Tracepoints of other processes need rights; root has them, others get them by sudo for the recorder alone: the build is theirs.
AS_USER=()
is_root || AS_USER=(-u "$(id -un)")
status=0
as_root "$SPAWNSCOPE" record "${AS_USER[@]}" -o "$SESSION" -- "${WORKLOAD[@]}" >/dev/null </dev/null || status=$?
if [ "$status" -ne 0 ]; then
    say "recording ended with status $status; what this machine allows:"
    "$SPAWNSCOPE" doctor >&2 || true
    exit "$status"
fi

step "folding: spawnscope fold $SESSION"
say "each line: who started it; where in its code; what was started; and how often"
"$SPAWNSCOPE" fold "$SESSION" </dev/null

RECORD="$SPAWNSCOPE record"
is_root || RECORD="sudo $SPAWNSCOPE record -u \"\$USER\""
cat >&2 <<END

== next
    $RECORD -- YOUR-COMMAND       writes spawnscope.data
    $SPAWNSCOPE fold                         its spawns as folded stacks
    $SPAWNSCOPE fold | flamegraph.pl > spawns.svg
    $SPAWNSCOPE doctor                     what this machine allows, and how to allow the rest
END
