"""More when it is unpacked."""

import struct
import subprocess

from bench.hostile.elf import Elf
from bench.hostile.making import GIB, MIB, compile_program, maker, run, zeros


def add_packed(directory, style, sizes):
    """Sections of zeros, by name and size; objcopy packs those that are there when it begins."""
    compile_program(directory, "-g")
    added = []
    for name, size in sizes.items():
        added += ["--add-section", f"{name}={zeros(directory, size).rename(directory / name)}"]
    run("objcopy", *added, "program", cwd=directory)
    run("objcopy", "--compress-debug-sections=" + style, "program", cwd=directory)
    for name in sizes:
        (directory / name).unlink()


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
