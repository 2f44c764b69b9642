"""Builds the fuzzer, and runs it without rights and without our environment."""

import os
import pathlib
import platform
import shutil
import subprocess

from bench.failure import SOFTWARE, UNAVAILABLE, Failure
from bench.fuzzing.seeds import write_seeds
from bench.machine import ROOT
from bench.processes import output_of

BUILD = ROOT / ".build-fuzz"
PROGRAM = BUILD / "release/Fuzz"
NOBODY = 65534
# The running kernel's symbols would be read for many inputs.
KALLSYMS = "ffffffff81000000 T _text\nffffffff81000100 t do_fork\nffffffffc0000000 t run [module]\n"


def build():
    """In release mode: a debug build tries a tenth. gold cannot link two programs' main, lld takes ours."""
    swift = shutil.which("swift")
    if not swift:
        raise Failure("no swift in PATH", UNAVAILABLE)
    library = f"libclang_rt.fuzzer-{platform.machine()}.a"
    if not any(pathlib.Path(swift).resolve().parent.parent.glob(f"lib/clang/*/lib/linux/{library}")):
        raise Failure(f"this Swift toolchain has no clang runtime for fuzzing ({library}); use one from swift.org", UNAVAILABLE)
    options = ["--package-path", ROOT, "--scratch-path", BUILD, "-c", "release", "--product", "Fuzz"]
    words = ["swift", "build", *options, "-Xswiftc", "-sanitize=fuzzer", "-Xswiftc", "-use-ld=lld"]
    if subprocess.run(words, stdin=subprocess.DEVNULL, stdout=2).returncode:
        raise Failure("the fuzzer could not be built", SOFTWARE)


def known_targets():
    """By name the longest input in bytes, in the order in which they run."""
    return {name: int(longest) for name, longest in (line.split() for line in output_of([PROGRAM, "--list"]).splitlines())}


class Fuzzer:
    """libFuzzer in a directory that nobody may write to, with what is kept, what earlier runs found, and the seeds."""

    def __init__(self, scratch, options):
        self.scratch, self.seconds, self.keeps = scratch, options.seconds, not options.no_keep
        self.corpus, self.findings = pathlib.Path(options.corpus), pathlib.Path(options.findings)
        shutil.copy(PROGRAM, scratch / "Fuzz")
        write_seeds(scratch / "seeds")
        (scratch / "kallsyms").write_text(KALLSYMS)
        for directory in (self.corpus, self.findings, BUILD / "inputs", scratch / "files", scratch / "found"):
            directory.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.corpus, scratch / "kept")
        shutil.copytree(BUILD / "inputs", scratch / "new")
        self.give_away(scratch)

    def give_away(self, path):
        """To nobody, as whom the fuzzer runs."""
        if os.geteuid() == 0:
            output_of(["chown", "-R", f"{NOBODY}:{NOBODY}", "--", path])

    def run(self, log, *words):
        """The status. A crash would otherwise wait for Swift's backtrace, and tables of a megabyte be mapped anew, page by page, for each
        input."""
        environment = {
            "PATH": os.environ["PATH"],
            "MALLOC_MMAP_THRESHOLD_": "33554432",
            "MALLOC_TRIM_THRESHOLD_": "268435456",
            "SWIFT_BACKTRACE": "enable=no",
            "SPAWNSCOPE_FUZZ_DIRECTORY": str(self.scratch / "files"),
        }
        hands = []
        if os.geteuid() == 0:
            hide = 'mount --bind "$0" /proc/kallsyms 2>/dev/null; exec "$@"'
            user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            hands = ["unshare", "--mount", "sh", "-c", hide, str(self.scratch / "kallsyms"), "setpriv", *user]
        command = [*hands, "./Fuzz", *map(str, words)]
        with open(log, "wb") as output:
            settings = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
            return subprocess.run(command, cwd=self.scratch, env=environment, **settings).returncode
