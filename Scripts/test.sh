#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every test.
#
#     Scripts/test.sh [ARGUMENT…]        from any directory; arguments go to `swift test`
#     Scripts/test.sh --group NAME       one group alone: scripts, swift, foreign, kernels, or fuzz
#
# The groups: scripts, the shell files and the Python of Scripts, by shellcheck, ruff and pytest, and the flame graph's script; swift, the tests of the targets and of the
# built program; foreign, what others make of our files: pictures in a
# browser, exports in go tool pprof, DuckDB and strict readers, the article's systems, and the
# same spawns and stacks in the recorders beside us, each with a time limit; fuzz, two of the fuzzing targets for 30 s each, by the
# number of commits, so that each has its turn; kernels, one of Debian's kernels, emulated, in turn likewise, by an optimised build, since
# emulation is slow; where Debian's mirror cannot be reached that is said, and fails only if the group was asked for by name. Arguments for
# `swift test` leave out the others.
#
# Tests that record need root. Run by root, they must run and pass (SPAWNSCOPE_REQUIRE_PRIVILEGES=1: a test that cannot
# open perf events fails). Run by others, they are left out, and this says so; the tests of the analysis all run.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

GROUPS_WANTED="scripts swift foreign fuzz kernels"
if [ "${1:-}" = --group ]; then
    case ${2:-} in
    scripts | swift | foreign | kernels | fuzz) GROUPS_WANTED=$2 ;;
    *) fail 64 "not a group: ${2:-}; one of scripts, swift, foreign, kernels, fuzz" ;;
    esac
    shift 2
elif [ $# -gt 0 ]; then
    GROUPS_WANTED=swift
fi
is_wanted() { case " $GROUPS_WANTED " in *" $1 "*) ;; *) return 1 ;; esac }

install_dependencies test

# Names of files have no blanks here.
shell_files() { git -C "$ROOT" ls-files -- '*.sh' .ci/run; }

run_scripts() {
    local files ruff=$PYTHON_TOOLS_DIRECTORY/bin/ruff
    mapfile -t files < <(shell_files)
    (cd -- "$ROOT" && shellcheck -x "${files[@]}") || return
    node --check "$ROOT/Sources/FlameGraphs/flamegraph.js" || return
    "$ROOT/Scripts/build-bpf.sh" --check || return
    (cd -- "$ROOT/Scripts" && "$ruff" check --quiet && "$ruff" format --quiet --check &&
        PYTHONPATH=$PYTHON_TOOLS_DIRECTORY python3 -m pytest </dev/null)
}

if is_wanted scripts; then
    run_scripts || fail 1 "the scripts are not clean, or their tests fail"
    if [ "$GROUPS_WANTED" = scripts ]; then exit; fi
fi

export SPAWNSCOPE_WORKLOADS=$ROOT/.build/workloads
"$ROOT/Scripts/build-workloads.sh" "$SPAWNSCOPE_WORKLOADS" </dev/null

if is_root; then export SPAWNSCOPE_REQUIRE_PRIVILEGES=1; fi
if [ "${SPAWNSCOPE_REQUIRE_PRIVILEGES:-}" = 1 ]; then
    # Another program's word for it, so that tests which find nothing to record cannot pass by that.
    perf record -q -N -a -e sched:sched_process_fork -o /dev/null -- true </dev/null >&2 ||
        fail 77 "perf events cannot be opened here (kernel.perf_event_paranoid, seccomp, a container?), and they must"
else
    say "not root: the tests that record are left out (to run them too: sudo -E Scripts/test.sh)"
fi

run_foreign() {
    local status=0 check
    if ! is_root; then
        say "not root: browser and foreign tools are left out, since they are given recordings"
        return
    fi
    swift build --package-path "$ROOT" --product spawnscope </dev/null
    export SPAWNSCOPE=$ROOT/.build/debug/spawnscope
    for check in pictures exports article recorders; do
        # Each of their steps has a limit of its own; this one is for what nobody thought of.
        timeout --kill-after=10 600 python3 "$ROOT/Scripts/bench" check "$check" </dev/null || {
            say "failed: python3 Scripts/bench check $check"
            status=1
        }
    done
    return "$status"
}

run_kernels() {
    if ! is_root; then
        say "not root: Debian's kernels are left out, which are given all of this machine's files to read"
        return
    fi
    local status=0
    swift build --package-path "$ROOT" -c release --product spawnscope </dev/null
    SPAWNSCOPE=$ROOT/.build/release/spawnscope timeout --kill-after=10 600 python3 "$ROOT/Scripts/bench" check kernels \
        --turn "$(git -C "$ROOT" rev-list --count HEAD)" </dev/null || status=$?
    if [ "$status" = 69 ] && [ "$GROUPS_WANTED" != kernels ]; then
        say "left out: Debian's kernels, which cannot be had here"
    elif [ "$status" != 0 ]; then
        say "failed: python3 Scripts/bench check kernels"
        return 1
    fi
}

# run_others: the groups besides swift.
run_others() {
    local status=0
    if is_wanted foreign; then run_foreign || status=1; fi
    if is_wanted fuzz; then
        "$ROOT/Scripts/fuzz.sh" --no-keep --seconds 30 --turn "$(git -C "$ROOT" rev-list --count HEAD)" </dev/null || {
            say "failed: Scripts/fuzz.sh"
            status=1
        }
    fi
    if is_wanted kernels; then run_kernels || status=1; fi
    return "$status"
}

if ! is_wanted swift; then
    run_others
    exit
fi

# What other programs do with the libraries, built against this checkout and run on a recording of perf's.
check_examples() {
    local programs=(--package-path "$ROOT/Tests/Examples" --scratch-path "$ROOT/.build/examples") directory recording
    swift build "${programs[@]}" </dev/null && directory=$(swift build "${programs[@]}" --show-bin-path </dev/null) || return 1
    is_root || return 0
    recording=$(mktemp) || return 1
    perf record -q -F 5000 --call-graph dwarf -o "$recording" -- "$SPAWNSCOPE_WORKLOADS/busy" 300 </dev/null >&2 &&
        "$directory/HottestStacks" "$recording" | grep -x '    main' >/dev/null &&
        perf record -q -F 5000 -g -o "$recording" -- "$SPAWNSCOPE_WORKLOADS/busy" 300 </dev/null >&2 &&
        "$directory/FoldModules" "$recording" | grep '^busy;.*busy [1-9]' >/dev/null &&
        check_named_addresses "$directory" && check_waiting_stack "$directory"
    local status=$?
    rm -f -- "$recording"
    return "$status"
}

# The same as addr2line says, for the start of each function of a program with debug information.
check_named_addresses() {
    local program=$SPAWNSCOPE_WORKLOADS/busy addresses
    mapfile -t addresses < <(nm --defined-only "$program" | sed -n 's/^0*\([0-9a-f]*\) [Tt] \(main\|hot\|cold\|leaf\|step\)$/\1/p')
    [ ${#addresses[@]} -eq 5 ] &&
        diff <("$1/NameAddresses" "$program" "${addresses[@]}") \
            <(addr2line -f -i -e "$program" "${addresses[@]}" | sed 's/ (discriminator .*//' | paste -d ' ' - - | sed 's/ / at /') >&2
}

# A process that waits, from the system call up to where the program began.
check_waiting_stack() {
    local process status=1
    sleep 60 >/dev/null 2>&1 &
    process=$!
    # It may be on its way to the system call.
    for _ in {1..50}; do
        if "$1/WaitingStack" "$process" 2>/dev/null |
            tr '\n' ' ' | grep 'clock_nanosleep.*__libc_start_main.*outermost' >/dev/null; then
            status=0
            break
        fi
        sleep 0.1
    done
    kill "$process"
    return "$status"
}

if [ $# -eq 0 ] && ! check_examples; then
    say "failed: Tests/Examples"
    exit 1
fi
# Toolchains of distributions may come without it.
if [ $# -eq 0 ] && command -v docc >/dev/null && ! "$ROOT/Scripts/docs.sh" </dev/null; then
    say "failed: Scripts/docs.sh"
    exit 1
fi

build=(swift build --package-path "$ROOT" --explicit-target-dependency-import-check error)
log=$ROOT/.build/test.log
beside=$ROOT/.build/test-beside.log

# run_tests OPTION…: built tests, one after the other: recordings see the whole machine, and a busy one makes them wait. Swift Testing
# alone, since there are no XCTest cases. Signals are as a terminal's: what is started in the background ignores SIGINT, what nohup starts
# SIGHUP, and so would the programs that tests interrupt.
run_tests() { env --default-signal "$TESTS" --testing-library swift-testing --no-parallel "$@" </dev/null 2>&1; }

# Whole-program tests run the optimised build, which is what is installed. A recording is mostly waiting for the kernel; beside those go the
# tests that record nothing, and a suite that is long for what it makes.
run_all_tests() {
    local recording='^(SpawnscopeTests|CaptureTests)\.' hostile=PrivilegedHostileInputTests status=0
    "${build[@]}" --build-tests </dev/null && "${build[@]}" -c release --product spawnscope </dev/null &&
        "${build[@]}" -c release --product spawnscope-capture </dev/null &&
        TESTS=$("${build[@]}" --show-bin-path </dev/null)/spawnscopePackageTests.xctest || return
    export SPAWNSCOPE_TESTED=${SPAWNSCOPE_TESTED:-$ROOT/.build/release/spawnscope}
    run_tests --skip "$recording(?!$hostile)" >"$beside" &
    run_tests --filter "$recording" --skip "$hostile" | tee "$log" || status=1
    wait $! || status=1
    say "beside them (all of the output is in $beside):"
    grep -E 'Test run with|^SPAWNSCOPE_TEST_SEED' "$beside" >&2 || status=1
    return "$status"
}

run_some_tests() {
    : >"$beside"
    swift test --package-path "$ROOT" --disable-xctest --no-parallel --explicit-target-dependency-import-check error \
        "$@" </dev/null 2>&1 | tee "$log"
}

if if [ $# -gt 0 ]; then run_some_tests "$@"; else run_all_tests; fi; then
    run_others
    exit
fi
# Thousands of lines are behind us: what failed is said once more, where one looks first.
say "failed (all of the output is in $log and $beside):"
grep -h -E -A 12 'recorded an issue|Caught error|Fatal error|^error:|Exited with' "$log" "$beside" | head -n 200 >&2 || true
exit 1
