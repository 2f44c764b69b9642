#!/usr/bin/env python3
"""Makes programs and recordings that would cost or mislead whoever reads them: what any user can leave lying about.

    Scripts/hostile_inputs.py --list                       names, each with its kind
    Scripts/hostile_inputs.py DIRECTORY [NAME...]          makes DIRECTORY/NAME for each, or for all

Of kind "program": DIRECTORY/NAME/program, to be run in that directory, which spawns /bin/true once. Of kind "session": DIRECTORY/NAME/s.data.
Needs gcc, binutils, xz, zstd and, for sessions, perf and the right to record. Holes stay holes: all together take some 60 MB of disk.
"""

import pathlib
import shutil
import struct
import subprocess
import sys

GIB, MIB = 1 << 30, 1 << 20
MAKERS = {}


def maker(kind):
    def register(function):
        MAKERS[function.__name__] = (kind, function)
        return function

    return register


def run(*words, **options):
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL, **options)


SOURCE = """\
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
__attribute__((noinline)) void f(void)
{
    pid_t child;
    char *words[] = {"/bin/true", 0};
    if (posix_spawn(&child, words[0], 0, 0, words, environ) == 0) waitpid(child, 0, 0);
}
int main(void) { f(); return 0; }
"""


INLINED = SOURCE.replace("__attribute__((noinline)) void f(", "__attribute__((always_inline)) static inline void inlined_function(").replace(
    "int main(void) {", "__attribute__((noinline)) void f(void) { inlined_function(); __asm__ volatile(\"\"); }\nint main(void) {"
)


def compile_program(directory, *options, name="f"):
    (directory / "main.c").write_text(SOURCE)
    run("gcc", *options, "-o", "program", "main.c", cwd=directory)
    # An assembler takes "$" for something else.
    if name != "f":
        run("objcopy", "--redefine-sym", f"f={name}", "program", cwd=directory)


def zeros(directory, size):
    path = directory / "zeros"
    with open(path, "wb") as file:
        file.truncate(size)
    return path


class Elf:
    """A 64-bit little-endian ELF file whose section headers are changed in place."""

    def __init__(self, path):
        self.path = path
        self.data = bytearray(path.read_bytes())
        (self.table,) = struct.unpack_from("<Q", self.data, 40)
        self.count, self.names = struct.unpack_from("<HH", self.data, 60)

    def header(self, index):
        return self.table + 64 * index

    def name(self, index):
        (start,) = struct.unpack_from("<Q", self.data, self.header(self.names) + 24)
        (offset,) = struct.unpack_from("<I", self.data, self.header(index))
        return self.data[start + offset : self.data.index(0, start + offset)].decode()

    def section(self, name):
        return next(index for index in range(self.count) if self.name(index) == name)

    def move_into_hole(self, name, size):
        """The section lies behind the file's end from now on, in a hole of so many bytes."""
        struct.pack_into("<QQ", self.data, self.header(self.section(name)) + 24, len(self.data), size)
        self.write(len(self.data) + size)

    def write(self, size=None):
        with open(self.path, "r+b") as file:
            file.write(self.data)
            file.truncate(len(self.data) if size is None else size)


# Names that stand for longer ones.


def substitution(index):
    if index == 0:
        return "S_"
    index -= 1
    digits, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ""
    while True:
        text, index = digits[index % 36] + text, index // 36
        if index == 0:
            return f"S{text}_"


def doubling_name(levels):
    name = "_Z1fI1PIiiE"
    for level in range(1, levels):
        name += substitution(1) + "I" + substitution(level + 1) * 2 + "E"
    return name + "EvT_"


def base62(number):
    """Rust's numbers: "_" is 0, "0_" is 1."""
    if number == 0:
        return "_"
    number -= 1
    digits, text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", ""
    while True:
        text, number = digits[number % 62] + text, number // 62
        if number == 0:
            return text + "_"


def rust_name(levels):
    """f::<(T, T)> where T is such a tuple of its own: each level points back at the one before twice."""
    text, last = "INvC1a1f", None
    for _ in range(levels):
        place = len(text)
        text += "Tuu" if last is None else "TB" + base62(last) + "B" + base62(last)
        text += "E"
        last = place
    return "_R" + text + "E"


@maker("program")
def plain(directory):
    compile_program(directory, "-g")


@maker("program")
def cpp_doubling(directory):
    compile_program(directory, name=doubling_name(30))


@maker("program")
def cpp_conversions(directory):
    name = "N1AcvT_IiEEv"
    for _ in range(26):
        name = "N1AcvT_IL_Z" + name + "EEEv"
    compile_program(directory, name="_Z" + name)


@maker("program")
def rust_doubling(directory):
    compile_program(directory, name=rust_name(40))


@maker("program")
def swift_doubling(directory):
    levels = 21
    letters = "".join("A" + chr(ord("E") + level) + "G" for level in range(levels - 1))
    compile_program(directory, name="$s1m1fyyAA1PVy" + "ADy" * (levels - 1) + "S2iG" + letters + "F")


# Debug files that are none.


@maker("program")
def split_fifo(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    (directory / "program-main.dwo").unlink()
    run("mkfifo", directory / "program-main.dwo")


@maker("program")
def split_dwarf4_fifo(directory):
    compile_program(directory, "-gdwarf-4", "-gsplit-dwarf")
    (directory / "program-main.dwo").unlink()
    run("mkfifo", directory / "program-main.dwo")


@maker("program")
def split_linked_fifo(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    (directory / "elsewhere").mkdir()
    run("mkfifo", directory / "elsewhere" / "pipe")
    (directory / "program-main.dwo").unlink()
    (directory / "program-main.dwo").symlink_to("elsewhere/pipe")


@maker("program")
def split_package_fifo(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    (directory / "program-main.dwo").unlink()
    run("mkfifo", directory / "program.dwp")


@maker("program")
def split_device(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    (directory / "program-main.dwo").unlink()
    (directory / "program-main.dwo").symlink_to("/dev/zero")


@maker("program")
def split_hole(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    path = directory / "program-main.dwo"
    with open(path, "r+b") as file:
        file.truncate(30 * GIB)


def strip_into(directory, name, checked=True):
    compile_program(directory, "-g", "-Wl,--build-id=none")
    shutil.copy(directory / "program", directory / "whole")
    run("strip", "program", cwd=directory)
    shutil.copy(directory / "whole", directory / name)
    run("objcopy", "--add-gnu-debuglink=" + name, "program", cwd=directory)
    (directory / name).unlink()
    (directory / "whole").unlink()


@maker("program")
def debuglink_fifo(directory):
    strip_into(directory, "program.debug")
    run("mkfifo", directory / "program.debug")


@maker("program")
def debuglink_device(directory):
    strip_into(directory, "program.debug")
    (directory / "program.debug").symlink_to("/dev/zero")


@maker("program")
def debuglink_hole(directory):
    strip_into(directory, "program.debug")
    shutil.copy(directory / "program", directory / "program.debug")
    with open(directory / "program.debug", "r+b") as file:
        file.truncate(30 * GIB)


@maker("program")
def debuglink_hidden_hole(directory):
    strip_into(directory, "program.debug")
    (directory / ".debug").mkdir()
    with open(directory / ".debug" / "program.debug", "wb") as file:
        file.write((directory / "program").read_bytes())
        file.truncate(30 * GIB)


@maker("program")
def debuglink_hole_with_an_end(directory):
    debuglink_hole(directory)
    with open(directory / "program.debug", "r+b") as file:
        file.seek(30 * GIB)
        file.write(b"end")


@maker("program")
def debuglink_many_holes(directory):
    """Three places are looked at, and all have one."""
    debuglink_hole(directory)
    (directory / ".debug").mkdir()
    (directory / ".debug" / "program.debug").hardlink_to(directory / "program.debug")


def add_alternative(directory, target):
    """Names of functions are said to be in another file (DW_FORM_GNU_strp_alt), which is opened when the first is asked for."""
    (directory / "main.c").write_text(INLINED)
    run("gcc", "-O2", "-gdwarf-4", "-S", "-o", "main.s", "main.c", cwd=directory)
    text = (directory / "main.s").read_text()
    start = text.index(".debug_abbrev")
    # DW_AT_name by DW_FORM_strp
    changed = text[start:].replace("\t.uleb128 0x3\n\t.uleb128 0xe\n", "\t.uleb128 0x3\n\t.uleb128 0x1f21\n")
    (directory / "main.s").write_text(text[:start] + changed)
    run("gcc", "-o", "program", "main.s", cwd=directory)
    (directory / "alt").write_bytes(target.encode() + b"\0" + bytes(range(20)))
    run("objcopy", "--add-section", ".gnu_debugaltlink=alt", "program", cwd=directory)


@maker("program")
def alternative_fifo(directory):
    add_alternative(directory, "common.debug")
    run("mkfifo", directory / "common.debug")


@maker("program")
def alternative_linked_fifo(directory):
    (directory / "elsewhere").mkdir()
    run("mkfifo", directory / "elsewhere" / "pipe")
    (directory / "link").symlink_to("elsewhere/pipe")
    add_alternative(directory, str(directory / "link"))


@maker("program")
def alternative_hole(directory):
    add_alternative(directory, "common.debug")
    with open(directory / "common.debug", "wb") as file:
        file.write((directory / "program").read_bytes())
        file.truncate(30 * GIB)


# More when it is unpacked.


def add_packed(directory, style, sizes):
    compile_program(directory, "-g")
    for name, size in sizes.items():
        run("objcopy", "--add-section", f"{name}={zeros(directory, size)}", "program", cwd=directory)
    (directory / "zeros").unlink()
    run("objcopy", "--compress-debug-sections=" + style, "program", cwd=directory)


@maker("program")
def packed_zlib(directory):
    add_packed(directory, "zlib", {".debug_types": 3 * GIB // 8})


@maker("program")
def packed_zlib_gnu(directory):
    add_packed(directory, "zlib-gnu", {".debug_types": 3 * GIB // 8})


@maker("program")
def packed_zstd(directory):
    """objcopy of binutils 2.40 packs by zstd where it was built with it: laid out here instead."""
    compile_program(directory, "-g")
    packed = subprocess.run(["zstd", "-q", "-c", str(zeros(directory, GIB))], check=True, stdout=subprocess.PIPE).stdout
    (directory / "zeros").unlink()
    # Elf64_Chdr: ELFCOMPRESS_ZSTD, the size, the alignment.
    (directory / "packed").write_bytes(struct.pack("<IIQQ", 2, 0, GIB, 1) + packed)
    run("objcopy", "--add-section", ".debug_types=packed", "program", cwd=directory)
    elf = Elf(directory / "program")
    struct.pack_into("<Q", elf.data, elf.header(elf.section(".debug_types")) + 8, 0x800)
    elf.write()


@maker("program")
def packed_many(directory):
    """Each less than one may be, and all together more."""
    names = ("types", "macro", "names", "pubnames", "pubtypes", "loc", "loclists", "ranges")
    add_packed(directory, "zlib", {".debug_" + name: 60 * MIB for name in names})


@maker("program")
def packed_symbols(directory):
    compile_program(directory)
    run("xz", "-q", "-0", zeros(directory, GIB))
    run("strip", "program", cwd=directory)
    run("objcopy", "--add-section", ".gnu_debugdata=zeros.xz", "program", cwd=directory)


# Sizes of what is not there.


def add_hole(directory, section, size, *options):
    compile_program(directory, *options)
    Elf(directory / "program").move_into_hole(section, size)


@maker("program")
def hole_note(directory):
    add_hole(directory, ".note.gnu.build-id", 3 * GIB)


@maker("program")
def hole_section_names(directory):
    add_hole(directory, ".shstrtab", 3 * GIB)


@maker("program")
def hole_symbol_names(directory):
    add_hole(directory, ".strtab", 9 * GIB // 10)


@maker("program")
def hole_symbols(directory):
    add_hole(directory, ".symtab", 24 * (GIB // 24))


@maker("program")
def hole_lines(directory):
    add_hole(directory, ".debug_line", 3 * GIB, "-g")


@maker("program")
def hole_unwinding(directory):
    add_hole(directory, ".eh_frame", 2 * GIB)


@maker("program")
def shared_section_name(directory):
    """500 sections that share one name of a MiB."""
    compile_program(directory)
    elf = Elf(directory / "program")
    start = len(elf.data)
    elf.data += b"\0" + b"n" * MIB + b"\0"
    while len(elf.data) % 8:
        elf.data.append(0)
    headers = [bytearray(elf.data[elf.header(index) : elf.header(index) + 64]) for index in range(elf.count)]
    for header in headers:
        struct.pack_into("<I", header, 0, 1)
    struct.pack_into("<QQ", headers[elf.names], 24, start, MIB + 2)
    headers += [struct.pack("<IIQQQQIIQQ", 1, 1, 0, 0, start, 1, 0, 0, 1, 0)] * 500
    struct.pack_into("<Q", elf.data, 40, len(elf.data))
    struct.pack_into("<H", elf.data, 60, len(headers))
    for header in headers:
        elf.data += header
    elf.write()


# Names without end.


def lengthen(path, symbols=".symtab", strings=".strtab"):
    """The function's name becomes one of 8 MiB, at the end of the file."""
    elf = Elf(path)
    index = elf.section(strings)
    offset, size = struct.unpack_from("<QQ", elf.data, elf.header(index) + 24)
    names = bytes(elf.data[offset : offset + size])
    first, count = struct.unpack_from("<QQ", elf.data, elf.header(elf.section(symbols)) + 24)
    for symbol in range(first, first + count, 24):
        (name,) = struct.unpack_from("<I", elf.data, symbol)
        if names[name : name + 2] == b"f\0":
            struct.pack_into("<I", elf.data, symbol, len(names))
    names += b"f" * (8 * MIB) + b"\0"
    struct.pack_into("<QQ", elf.data, elf.header(index) + 24, len(elf.data), len(names))
    elf.data += names
    elf.write()


@maker("program")
def long_symbol(directory):
    compile_program(directory)
    lengthen(directory / "program")


@maker("program")
def long_dynamic_symbol(directory):
    compile_program(directory, "-rdynamic")
    run("strip", "program", cwd=directory)
    lengthen(directory / "program", ".dynsym", ".dynstr")


@maker("program")
def long_symbol_elsewhere(directory):
    """In the separate debug file, which is the one that the program asks for."""
    compile_program(directory, "-Wl,--build-id=none")
    run("objcopy", "--only-keep-debug", "program", "program.debug", cwd=directory)
    lengthen(directory / "program.debug")
    run("strip", "program", cwd=directory)
    run("objcopy", "--add-gnu-debuglink=program.debug", "program", cwd=directory)


@maker("program")
def long_source_file(directory):
    name = "n" * (3 * MIB)
    (directory / "main.c").write_text(f'#line 1 "{name}.c"\n' + SOURCE)
    run("gcc", "-g", "-o", "program", "main.c", cwd=directory)


@maker("program")
def strange_name(directory):
    """What spawns has a name that breaks lines, turns text around and is a formula."""
    name = "\nspawnscope: forged \u202e\u200b=1+1"
    compile_program(directory)
    (directory / "program").rename(directory / name)
    quoted = "".join(f"\\{byte:03o}" for byte in name.encode())
    (directory / "main.c").write_text(f'#include <unistd.h>\nint main(void) {{ execl("./{quoted}", "{quoted}", (char *)0); return 1; }}\n')
    run("gcc", "-o", "program", "main.c", cwd=directory)


# Code that is made at run time: jit-PID.dump in the current directory, or perf-PID.map where perf looks for it.

JIT_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static FILE *dump;
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3}; // push, mov, call *rdi, pop, ret
static void put(const void *bytes, size_t size) { if (fwrite(bytes, 1, size, dump) != size) _exit(3); }
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void load(const char *name, uint64_t place, uint64_t size, const void *bytes, size_t kept) {
    static uint64_t number;
    uint32_t ids[2] = {0, (uint32_t)(56 + strlen(name) + 1 + kept)};
    uint64_t rest[] = {now(), getpid() | (uint64_t)getpid() << 32, place, place, size, ++number};
    put(ids, sizeof ids), put(rest, sizeof rest), put(name, strlen(name) + 1), put(bytes, kept);
}
__attribute__((noinline)) static void spawn(void) {
    pid_t pid = vfork();
    if (pid == 0) execl("/bin/true", "true", (char *)0), _exit(127);
    if (waitpid(pid, NULL, 0) != pid) _exit(1);
    __asm__ volatile("");
}
int main(void) {
    char *place = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(place, code, sizeof code);
    char path[64];
    snprintf(path, sizeof path, IS_MAP ? "/tmp/perf-%d.map" : "jit-%d.dump", getpid());
    dump = fopen(path, "w+");
    uint64_t at = (uint64_t)place;
    if (!IS_MAP) {
        uint32_t head[] = {0x4A695444, 1, 40, 62, 0, getpid()};
        uint64_t tail[] = {now(), 0};
        put(head, sizeof head), put(tail, sizeof tail);
    }
    BODY
    fflush(dump);
    if (!IS_MAP) mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(dump), 0);
    ((void (*)(void (*)(void)))place)(spawn);
    // For who removes it, since it lies where all of them do.
    if (IS_MAP) { FILE *made = fopen("made", "w"); fputs(path, made); fclose(made); }
    return 0;
}
"""


def compile_jit(directory, body, is_map=False):
    (directory / "main.c").write_text(JIT_SOURCE.replace("BODY", body))
    run("gcc", "-w", f"-DIS_MAP={int(is_map)}", "-o", "program", "main.c", cwd=directory)


@maker("program")
def jit_overlapping(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at - (16 << 20) + i * 4096, 16 << 20, code, sizeof code);')


@maker("program")
def jit_same_place(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at, 16 << 20, code, sizeof code);')


@maker("program")
def jit_shifted(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at - i, (16 << 20) - i, code, sizeof code);')


@maker("program")
def jit_nested(directory):
    compile_jit(
        directory,
        """for (int i = 0; i < 40000; i++) { char name[32]; snprintf(name, sizeof name, "f%d", i);
           load(name, at - 64 * i, 128 * i + 64, code, sizeof code); }""",
    )


@maker("program")
def jit_everywhere(directory):
    """Code of nearly all addresses, and records that end before the file says so."""
    compile_jit(directory, 'for (int i = 0; i < 1000; i++) load("all", i, ~0ull >> 1, code, sizeof code);')


@maker("program")
def jit_endless_lines(directory):
    compile_jit(
        directory,
        """uint32_t ids[2] = {2, 16 + 16 + 24}; uint64_t lines[] = {now(), at, 1ull << 40, 0, 0};
           for (int i = 0; i < 50000; i++) put(ids, sizeof ids), put(lines, sizeof lines), put(lines, 8);
           load("made", at, sizeof code, code, sizeof code);""",
    )


@maker("program")
def jit_long_name(directory):
    compile_jit(
        directory,
        "char *name = malloc(8 << 20); memset(name, 'j', 8 << 20); name[(8 << 20) - 1] = 0; load(name, at, 4096, code, sizeof code);",
    )


@maker("program")
def map_long_name(directory):
    compile_jit(
        directory,
        """fprintf(dump, "%lx 1000 ", at); for (int i = 0; i < 8 << 20; i++) fputc('j', dump); fputc('\\n', dump);""",
        is_map=True,
    )


@maker("program")
def map_overlapping(directory):
    compile_jit(directory, 'for (int i = 0; i < 300000; i++) fprintf(dump, "%lx ffffffff f%d\\n", at - i, i);', is_map=True)


# Recordings.


def recording(directory, *options):
    run("perf", "record", "-q", "-N", *options, "-e", "sched:sched_process_exec", "-o", "s.data", "true", cwd=directory)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-3"], input=data, check=True, stdout=subprocess.PIPE).stdout


def filling(size):
    """Records of a type that nobody knows, which compress to next to nothing."""
    record = struct.pack("<IHH", 9999, 0, 0xFFF8) + bytes(0xFFF0)
    return record * (size // len(record))


def compressed(stream, pieces=1, version=1):
    """PERF_RECORD_COMPRESSED, or COMPRESSED2 with its size."""
    records = b""
    step = max(1, -(-len(stream) // pieces))
    step = min(step, 60000)
    for start in range(0, len(stream), step):
        piece = stream[start : start + step]
        if version == 1:
            records += struct.pack("<IHH", 81, 0, 8 + len(piece)) + piece
        else:
            padding = -len(piece) % 8
            records += struct.pack("<IHHQ", 83, 0, 16 + len(piece) + padding, len(piece)) + piece + bytes(padding)
    return records


def first_compressed(data, position, end):
    """Where the first record of perf's own stream is: it has no end, so that no other can follow it."""
    while position + 8 <= end:
        kind, _, size = struct.unpack_from("<IHH", data, position)
        if kind in (81, 83):
            return position
        # PERF_RECORD_HEADER_TRACING_DATA is followed by what its size does not tell.
        if kind == 66:
            size += (struct.unpack_from("<I", data, position + 8)[0] + 7) & ~7
        position += size
    raise ValueError("perf compressed nothing")


def insert(directory, records):
    """Puts records before those of the recording that are compressed."""
    data = bytearray((directory / "s.data").read_bytes())
    if struct.unpack_from("<Q", data, 8)[0] == 16:
        position = first_compressed(data, 16, len(data))
    else:
        offset, size = struct.unpack_from("<QQ", data, 40)
        # The table of features stands behind the records, and is moved with what it leads to.
        features = sum(bin(word).count("1") for word in struct.unpack_from("<4Q", data, 72))
        for index in range(features):
            place = offset + size + 16 * index
            struct.pack_into("<Q", data, place, struct.unpack_from("<Q", data, place)[0] + len(records))
        struct.pack_into("<Q", data, 48, size + len(records))
        position = first_compressed(data, offset, offset + size)
    data[position:position] = records
    (directory / "s.data").write_bytes(data)


@maker("session")
def session_bomb(directory):
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(GIB))))


@maker("session")
def session_small_bombs(directory):
    recording(directory, "-z")
    stream = zstd(filling(3 * MIB // 2))
    insert(directory, b"".join(compressed(stream) for _ in range(700)))


@maker("session")
def session_bomb_pieces(directory):
    """No record holds much."""
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=20000))


@maker("session")
def session_bomb_sized(directory):
    recording(directory, "-z")
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=5000, version=2))


@maker("session")
def session_bomb_piped(directory):
    with open(directory / "s.data", "wb") as output:
        run(
            "perf", "record", "-q", "-N", "-z", "-e", "sched:sched_process_exec", "-o", "-", "true",
            cwd=directory, stdout=output)  # fmt: skip
    insert(directory, compressed(zstd(filling(3 * GIB // 8)), pieces=20000))


@maker("session")
def session_bomb_directory(directory):
    """A file for each CPU, all of which are unpacked."""
    run(
        "perf", "record", "-q", "-N", "-z", "--threads", "-a", "-e", "sched:sched_process_exec", "-o", "s.data", "true",
        cwd=directory)  # fmt: skip
    bomb = compressed(zstd(filling(GIB // 4)), pieces=10000)
    for file in (directory / "s.data").glob("data.*"):
        file.write_bytes(bomb + file.read_bytes())


def main():
    if sys.argv[1:] == ["--list"]:
        for name, (kind, _) in MAKERS.items():
            print(name, kind)
        return
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    unknown = [name for name in sys.argv[2:] if name not in MAKERS]
    if unknown:
        sys.exit(f"not an input: {', '.join(unknown)}; --list names them")
    for name in sys.argv[2:] or MAKERS:
        directory = pathlib.Path(sys.argv[1]).absolute() / name
        directory.mkdir(parents=True)
        MAKERS[name][1](directory)
        for source in ("main.c", "main.s", "zeros", "zeros.xz", "packed", "alt"):
            (directory / source).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
