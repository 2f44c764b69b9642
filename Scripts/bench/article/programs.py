"""Builds the article's systems. Without Go most rows cannot be measured; each says so."""

import os
import pathlib

from bench import installing
from bench.processes import output_of, say

SOURCES = pathlib.Path(__file__).parent / "workloads"
# Compares Go's versions.
VERSIONS_ROW = "6b"
C_OPTIONS = {"row01b_nothing": ["-static", "-nostdlib"]}
# Both languages have one of this name.
C_NAMES = {"row01d_ballast": "row01d_ballast_c"}


def install(wanted):
    installing.call("install_packages", "test")
    if not installing.tries("install_go"):
        say("going on without Go")
    if VERSIONS_ROW in wanted:
        for function, version in (("install_older_go", "1.19"), ("install_newer_go", "1.27")):
            if not installing.tries(function):
                say(f"going on without Go {version}")
    installing.call("mount_tracefs")


def build(directory, wanted):
    directory.mkdir()
    for source in sorted(SOURCES.glob("*.c")):
        name = source.stem
        output_of(["gcc", "-O2", *C_OPTIONS.get(name, []), "-o", directory / C_NAMES.get(name, name), source])
    go = installing.go_program()
    if go:
        for source in sorted(SOURCES.glob("*.go")):
            build_go(go, source, directory / f"{source.stem}_go")
        build_go(go, SOURCES / "row01_run_true.go", directory / "row01_run_true_go_stripped", "-ldflags", "-s -w")
    if VERSIONS_ROW in wanted and not os.environ.get("SPAWNSCOPE_WITHOUT_GO"):
        older, newer = installing.variable("OLDER_GO_PROGRAM"), installing.variable("NEWER_GO_DIRECTORY") + "/go/bin/go"
        for version, program in (("1.19", older), ("1.27", newer)):
            if os.access(program, os.X_OK):
                build_go(program, SOURCES / "row06_concurrent.go", directory / f"row06_concurrent_go{version}")
    return directory


def build_go(go, source, program, *options):
    settings = {"GO111MODULE": "off", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0"}
    output_of([go, "build", *options, "-o", program, source], env={**os.environ, **settings})
