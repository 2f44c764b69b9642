#!/bin/sh
# Measures what hostile programs cost whoever records them: CPU seconds and peak memory of `record`, beside the limits that hold for any
# input (256 MiB + 4 x bytes on disk, 10 s + 1 s for each MiB on disk). Each is recorded in a directory of its own under $TMPDIR.
#   Scripts/check-limits.sh [SPAWNSCOPE] [OPTION-OF-RECORD...]
set -eu
spawnscope=$(realpath "${1:-.build/debug/spawnscope}")
[ $# -gt 0 ] && shift
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
cd "$directory"

# NAME OF THE FUNCTION THAT SPAWNS
source() {
    cat <<END
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
void f(void) __asm__("$1");
__attribute__((noinline)) void f(void)
{
    pid_t child;
    char *words[] = {"/bin/true", 0};
    posix_spawn(&child, words[0], 0, 0, words, environ);
    waitpid(child, 0, 0);
}
int main(void) { f(); return 0; }
END
}

# PROGRAM, then what is changed of its ELF file: section=size,...
python() {
    python3 - "$@" <<'END'
import struct, sys
path, changes = sys.argv[1], sys.argv[2].split(",")
data = bytearray(open(path, "rb").read())
table, = struct.unpack_from("<Q", data, 40)
count, names = struct.unpack_from("<HH", data, 60)
def header(i): return table + 64 * i
def name(i):
    start, = struct.unpack_from("<Q", data, header(names) + 24)
    offset, = struct.unpack_from("<I", data, header(i))
    return data[start + offset:data.index(0, start + offset)].decode()
size = 0
for change in changes:
    section, gib = change.split("=")
    i = next(i for i in range(count) if name(i) == section)
    size = int(float(gib) * (1 << 30))
    struct.pack_into("<QQ", data, header(i) + 24, len(data), size)
with open(path, "r+b") as file:
    file.write(data)
    file.truncate(len(data) + size)
END
}

doubling() {
    python3 -c "
def substitution(i):
    if i == 0: return 'S_'
    i, digits, text = i - 1, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', ''
    while True:
        text, i = digits[i % 36] + text, i // 36
        if i == 0: return 'S' + text + '_'
name = '_Z1fI1PIiiE'
for level in range(1, 30): name += substitution(1) + 'I' + substitution(level + 1) * 2 + 'E'
print(name + 'EvT_')"
}

make_plain() { source f >main.c; gcc -g -o program main.c; }
make_doubling_name() { source "$(doubling)" >main.c; gcc -o program main.c; }
make_split_fifo() { source f >main.c; gcc -g -gsplit-dwarf -o program main.c; rm ./*.dwo; mkfifo program-main.dwo; }
make_packed_lines() {
    source f >main.c
    gcc -g -o program main.c
    head -c 1G /dev/zero >zeros
    objcopy --add-section .debug_types=zeros program
    objcopy --compress-debug-sections=zlib program
    rm zeros
}
make_sparse_note() { source f >main.c; gcc -o program main.c; python program .note.gnu.build-id=3; }
make_sparse_section_names() { source f >main.c; gcc -o program main.c; python program .shstrtab=3; }
make_sparse_symbol_names() { source f >main.c; gcc -o program main.c; python program .strtab=0.9; }
make_sparse_debug_file() {
    source f >main.c
    gcc -g -Wl,--build-id=none -o program main.c
    cp program program.debug
    strip program
    objcopy --add-gnu-debuglink=program.debug program
    truncate -s 30G program.debug
}

printf '| input | bytes on disk | CPU s | peak MiB | status |\n|---|---|---|---|---|\n'
for input in plain doubling_name split_fifo packed_lines sparse_note sparse_section_names sparse_symbol_names sparse_debug_file; do
    mkdir "$input"
    cd "$input"
    "make_$input"
    bytes=$(($(du -sk . | cut -f1) * 1024))
    status=0
    # Of the recorder alone, and no more than the machine has to spare.
    (
        ulimit -v 12000000
        timeout -k 1 60 /usr/bin/time -o ../figures -f '%U %S %M' "$spawnscope" record -o ../s.data "$@" -- ./program >../output 2>&1
    ) || status=$?
    tail -1 ../figures 2>/dev/null | awk -v input="$input" -v bytes="$bytes" -v status="$status" \
        'NF == 3 { printf "| %s | %d | %.1f | %d | %d |\n", input, bytes, $1 + $2, $3 / 1024, status; found = 1 }
         END { if (!found) printf "| %s | %d | | | %d (ended after 60 s) |\n", input, bytes, status }'
    rm -f ../figures ../s.data*
    cd ..
    rm -r "$input"
done
