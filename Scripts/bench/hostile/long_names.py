"""Names without end."""

import struct

from bench.hostile.elf import Elf
from bench.hostile.making import MIB, SOURCE, compile_program, maker, run


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
