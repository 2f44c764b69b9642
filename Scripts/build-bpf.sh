#!/usr/bin/env bash
# Compiles the joined recorder's programs with the Swift toolchain's own clang. With --check it only compares: the object
# that is committed must be what the source gives.
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"
source=Sources/KernelPrograms/joined.bpf.c
object=Sources/KernelPrograms/joined.bpf.o
clang=$(dirname -- "$(readlink -f "$(command -v swift)")")/clang
made=$(mktemp)
trap 'rm -f "$made"' EXIT
# linux/bpf.h and what it includes: numbers and layouts that are the same on every machine.
"$clang" -target bpfel -mcpu=v3 -O2 -Wall -Werror -Wno-unused-function "-I/usr/include/$(gcc -print-multiarch)" \
    -c "$source" -o "$made"
if [ "${1:-}" = --check ]; then
    cmp -s "$made" "$object" || fail 1 "$object is not what $source gives: run Scripts/build-bpf.sh"
else
    cp "$made" "$object"
fi
