#!/usr/bin/env bash
# Builds the programs of Tests/Workloads, which the tests, checks and benchmarks record.
#
#     Scripts/build-workloads.sh [DIRECTORY]        into .build/workloads without DIRECTORY
#
# The Go workload is built when Scripts/install-dependencies.sh test has installed Go, or with GO=PATH.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

OUT=${1:-$ROOT/.build/workloads}
mkdir -p -- "$OUT"
OUT=$(cd -- "$OUT" && pwd)
GO_PROGRAM=$(go_program)
make -C "$ROOT/Tests/Workloads" --no-print-directory OUT="$OUT" GO="$GO_PROGRAM" \
    RUSTC="${RUSTC:-$(command -v rustc || true)}" SWIFTC="${SWIFTC:-$(command -v swiftc || true)}"
if [ -z "$GO_PROGRAM" ]; then say "left out: spawn_loop_go, since there is no Go"; fi
