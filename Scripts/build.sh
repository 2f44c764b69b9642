#!/usr/bin/env bash
# Installs what is missing and builds spawnscope and its helper in release mode, into .build; prints the program's path.
#
#     Scripts/build.sh        from any directory
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

[ $# -eq 0 ] || fail 64 "takes no arguments: $*"
install_dependencies runtime
release_program spawnscope-capture >/dev/null
release_program spawnscope
