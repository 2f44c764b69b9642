"""Seeds that are small programs, compiled here."""

import lzma
import pathlib
import subprocess
import tempfile

PROGRAM = """static inline __attribute__((always_inline)) int twice(int x) { return x + x; }
static int kept(int x) { return twice(x) - 1; }
int data = 3;
int main(void) { return kept(data); }
#ifdef __PIC__
int puts(const char *);
int printed(void) { return puts("a") + puts("b"); }
#endif
void _start(void) { main(); for (;;) ; }
"""


def programs() -> dict[str, bytes]:
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch)
        (place / "a.c").write_text(PROGRAM)
        small = ["gcc", "-O1", "-fno-pie", "-static", "-nostdlib", "-Wl,--build-id=sha1,-z,noseparate-code", "a.c"]
        for name, options in {
            "plain": ["-s"],
            "symbols": [],
            "lines": ["-g"],
            "lines4": ["-gdwarf-4", "-gz=zlib"],
            "shared": ["-g0", "-fPIC", "-shared", "-no-pie"],
            "object": ["-c"],
            "split": ["-gsplit-dwarf"],
            "frames": ["-g", "-gz=zlib", "-fno-asynchronous-unwind-tables"],
            "lines5": ["-gdwarf-5", "-O2", "-gz=none"],
        }.items():
            command = [*small, *options, "-o", "out"]
            if name == "shared":
                command = [word for word in command if word not in ("-static", "-no-pie", "-fno-pie")]
            if subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0:
                found[name] = (place / "out").read_bytes()
        if {"plain", "symbols"} <= found.keys():
            (place / "debug").write_bytes(b"x")
            (place / "mini").write_bytes(lzma.compress(found["symbols"]))
            for name, option in {"debuglink": "--add-gnu-debuglink=debug", "mini": "--add-section=.gnu_debugdata=mini"}.items():
                (place / "linked").write_bytes(found["plain"])
                subprocess.run(["objcopy", option, "linked"], cwd=place, check=True)
                found[name] = (place / "linked").read_bytes()
    return found
