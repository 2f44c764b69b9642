# The programs of others that Scripts/check-lifecycle.sh runs under a strace that is recorded, and our own that need a compiler for 32 bits.
# Sourced; check_same, leave_out and fail are the script's. What is not installed and cannot be had is left out, and said.
# shellcheck shell=bash
# shellcheck disable=SC2154  # ROOT, SCRATCH and PYTHON are the script's

LIFECYCLES=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

# is_there PROGRAM WORKLOADS: else they are left out.
is_there() {
    command -v "$1" >/dev/null && return 0
    leave_out "$2, since there is no $1"
    return 1
}

add_version() { PROGRAM_VERSIONS="${PROGRAM_VERSIONS:+$PROGRAM_VERSIONS, }$1"; }

check_java() {
    local mechanism classes=$SCRATCH/classes
    is_there javac Java || return 0
    javac -d "$classes" "$LIFECYCLES/Launches.java"
    add_version "Java $(javac -version 2>&1 | sed 's/javac //')"
    for mechanism in POSIX_SPAWN VFORK FORK; do
        check_same "Java: $mechanism" java -cp "$classes" "-Djdk.lang.Process.launchMechanism=$mechanism" Launches
    done
}

check_node() {
    is_there node Node || return 0
    add_version "Node $(node --version)"
    check_same "Node" node "$LIFECYCLES/launches.js"
}

check_python_processes() {
    local method
    for method in fork spawn forkserver subprocess; do
        check_same "Python: processes, $method" "$PYTHON" "$LIFECYCLES/processes.py" "$method"
    done
}

check_git() {
    is_there git "git rebase" || return 0
    add_version "$(git --version)"
    check_same "git rebase" "$LIFECYCLES/rebase.sh" {}
}

check_dpkg() {
    is_there dpkg-deb dpkg || return 0
    check_same "dpkg" "$LIFECYCLES/package.sh" {}
}

check_nginx() {
    is_there nginx "nginx (Debian's nginx-light, which also starts one)" || return 0
    add_version "$(nginx -v 2>&1 | sed 's/.*: //')"
    check_same "nginx: start, reload, a worker killed, stop" "$LIFECYCLES/nginx.sh" {}
}

check_postgresql() {
    local programs
    programs=$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$programs" ]; then
        leave_out "PostgreSQL, since there is no initdb (Debian's postgresql, which also starts a server)"
        return 0
    fi
    add_version "$("$programs/postgres" --version)"
    check_same "PostgreSQL: initdb, start, queries, stop" "$LIFECYCLES/postgresql.sh" {} "$programs"
}

check_bubblewrap() {
    is_there bwrap bubblewrap || return 0
    add_version "$(bwrap --version)"
    check_same "bubblewrap" "$LIFECYCLES/sandbox.sh"
}

check_denied() {
    local mode program=$SCRATCH/denied
    cc -O1 -o "$program" "$LIFECYCLES/denied.c"
    for mode in exec-errno exec-kill exec-trap fork-errno fork-kill wait-errno limit; do
        check_same "denied: $mode" "$program" "$mode"
    done
}

check_compat32() {
    local mode program=$SCRATCH/compat
    # shellcheck disable=SC2016  # an instruction's operand
    local gate='int $0x80'
    [ "$(uname -m)" = x86_64 ] || return 0
    cc -O1 -o "${program}64" "$LIFECYCLES/compat32.c"
    for mode in old-fork old-wait old-exec old-failure old-exit; do
        check_same "$gate: $mode" "${program}64" "$mode"
    done
    if ! cc -m32 -O1 -o "${program}32" "$LIFECYCLES/compat32.c" 2>/dev/null; then
        leave_out "32-bit programs, since nothing builds one"
        return 0
    fi
    for mode in library old-fork old-wait old-exec old-failure old-exit; do
        check_same "32-bit: $mode" "${program}32" "$mode"
    done
    check_same "a 64-bit shell that starts 32-bit programs" "$LIFECYCLES/mixed.sh" "${program}32"
}

check_programs() {
    MUST_SUCCEED=1
    install_lifecycle_programs
    # Some of them go on as another user.
    chmod 711 -- "$SCRATCH"
    check_java
    check_node
    check_python_processes
    check_git
    check_dpkg
    check_nginx
    check_postgresql
    check_bubblewrap
    check_denied
    check_compat32
}
