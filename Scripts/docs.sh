#!/usr/bin/env bash
# Builds the pages of the libraries. Fails where DocC warns, and where a public symbol has no doc comment.
#
#     Scripts/docs.sh        takes no arguments; prints where the pages are, a DocC archive a module
#
# What builds them, swift-docc-plugin, is a dependency here alone (SPAWNSCOPE_DOCS in Package.swift), and so are its files.
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[ $# -eq 0 ] || fail 64 "takes no arguments: $*"
modules=(ByteAccess PerfRecords PerfData ELFImages Unwinding)
scratch=$ROOT/.build/docs
export SPAWNSCOPE_DOCS=1
swift package --package-path "$ROOT" --scratch-path "$scratch" generate-documentation "${modules[@]/#/--target=}" \
    --warnings-as-errors </dev/null >&2 || fail 1 "the pages of the libraries cannot be built, or not without a warning"
python3 "$ROOT/Scripts/bench" check public-symbols "$scratch" "${modules[@]}" || exit 1
echo "$scratch/plugins/Swift-DocC/outputs"
