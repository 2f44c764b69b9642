#!/usr/bin/env bash
# Opens flame graphs in a real browser, Chromium without a window, and uses them: zoom, search, keyboard, the address, both
# directions, widths of 1280 and 400 pixels, light and dark, with scripts and without; a difference; names that are markup; and
# 131,072 stacks. Exits with 1, and a list, when anything is not as it should be.
#
#     Scripts/check-pictures.sh [--screenshots DIRECTORY]
#
#     --screenshots DIRECTORY    keep a picture of each page there
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

SCREENSHOTS=
read_options '--screenshots SCREENSHOTS a directory' -- "$@"

need_recorder record fold flamegraph
PAGES=$SCRATCH/pages
mkdir -- "$PAGES"

# draw NAME SESSION OPTION…: the picture, and its numbers by `fold`.
draw() {
    local name=$1 session=$2
    shift 2
    "$SPAWNSCOPE" flamegraph -o "$PAGES/$name.svg" "$@" "$session" 2>"$SCRATCH/said" ||
        { cat -- "$SCRATCH/said" >&2 && fail 1 "no picture of $name"; }
}

record() { record_session "$@" || { cat -- "$SCRATCH/summary" >&2 && fail 1 "could not record"; }; }

# A build of C and C++ programs, and one of C programs and a copy.
BUILT=$SCRATCH/built
mkdir -- "$BUILT"
build() { record --sample 499 -- make -s -C "$ROOT/Tests/Workloads" OUT="$BUILT" "${@/#/$BUILT/}"; }
build spawn_loop measure spawn_threads
mv -- "$SCRATCH/session" "$SCRATCH/build"
draw build "$SCRATCH/build" --no-icicle
"$SPAWNSCOPE" fold "$SCRATCH/build" >"$PAGES/build.folded"
draw phases "$SCRATCH/build" --weight total --frames ancestry,program,phase --icicle
draw samples "$SCRATCH/build" --weight samples
rm -f -- "$BUILT"/*
build spawn_loop measure spawn_loop.sh
draw change "$SCRATCH/session" --base "$SCRATCH/build"
draw share "$SCRATCH/session" --base "$SCRATCH/build" --normalise --widths base

# Names that would run, if anything let them.
record -- "$PYTHON" "$ROOT/Scripts/check_pictures.py" hostile "$SCRATCH/hostile"
draw hostile "$SCRATCH/session" --title '</title><script>window.ran = 1</script>'

# Each leaf of a tree of calls is a stack.
cat >"$SCRATCH/tree.c" <<'END'
#include <unistd.h>
static volatile int sink;
static void left(int depth);
static void right(int depth);
static void both(int depth) {
    if (depth == 0) { sink += getppid(); return; }
    left(depth - 1);
    right(depth - 1);
    sink++;
}
static void left(int depth) { both(depth); sink++; }
static void right(int depth) { both(depth); sink++; }
int main(void) { both(17); return 0; }
END
gcc -O0 -fno-omit-frame-pointer -o "$SCRATCH/tree" "$SCRATCH/tree.c"
record -e syscalls:sys_enter_getppid -g -- "$SCRATCH/tree"
stacks=$("$SPAWNSCOPE" fold --event syscalls:sys_enter_getppid "$SCRATCH/session" 2>/dev/null | wc -l)
[ "$stacks" -ge 100000 ] || fail 1 "the tree of calls has only $stacks stacks"
draw many "$SCRATCH/session" --event syscalls:sys_enter_getppid
draw widest "$SCRATCH/session" --event syscalls:sys_enter_getppid --min-width 0

# Debian's own Python, which has Debian's Selenium. A browser that hangs ends the check, too.
timeout --kill-after 10 300 /usr/bin/python3 "$ROOT/Scripts/check_pictures.py" pages "$PAGES" ${SCREENSHOTS:+"$SCREENSHOTS"} </dev/null ||
    fail 1 "the pictures are not as they should be"
