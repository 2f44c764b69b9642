"""Debug files that are none."""

import shutil

from bench.hostile.making import GIB, INLINED, compile_program, make_hole, maker, run


def split(directory, *options):
    """A program whose debug information is in a file beside it, which is removed; where it was."""
    compile_program(directory, "-g", "-gsplit-dwarf", *options)
    path = directory / "program-main.dwo"
    path.unlink()
    return path


@maker("program")
def split_fifo(directory):
    run("mkfifo", split(directory))


@maker("program")
def split_dwarf4_fifo(directory):
    run("mkfifo", split(directory, "-gdwarf-4"))


@maker("program")
def split_linked_fifo(directory):
    path = split(directory)
    (directory / "elsewhere").mkdir()
    run("mkfifo", directory / "elsewhere" / "pipe")
    path.symlink_to("elsewhere/pipe")


@maker("program")
def split_package_fifo(directory):
    split(directory)
    run("mkfifo", directory / "program.dwp")


@maker("program")
def split_device(directory):
    split(directory).symlink_to("/dev/zero")


@maker("program")
def split_hole(directory):
    compile_program(directory, "-g", "-gsplit-dwarf")
    make_hole(directory / "program-main.dwo")


def strip_into(directory, name):
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
    make_hole(directory / "program.debug")


@maker("program")
def debuglink_hidden_hole(directory):
    strip_into(directory, "program.debug")
    (directory / ".debug").mkdir()
    shutil.copy(directory / "program", directory / ".debug" / "program.debug")
    make_hole(directory / ".debug" / "program.debug")


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
    shutil.copy(directory / "program", directory / "common.debug")
    make_hole(directory / "common.debug")
