"""Sizes of what is not there."""

import struct

from bench.hostile.elf import Elf
from bench.hostile.making import GIB, MIB, compile_program, maker


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
