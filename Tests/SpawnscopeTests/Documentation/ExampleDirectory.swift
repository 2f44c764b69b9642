import Glibc
import TestSupport

/// A directory with the sessions, budgets, programs and Makefile that the examples name, and stand-ins for other people's programs.
final class ExampleDirectory {
    let path: String
    /// A control group for the examples, in a hierarchy that perf events can use.
    private let cgroup = "spawnscope-examples-\(getpid())"
    /// The id of a container whose group there is.
    private let container = {
        let digits = String(getpid(), radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }()

    struct Failure: Error { var text: String }

    /// What became of a command line.
    struct Run {
        /// The exit status of each call of spawnscope in it, in the order in which they ended.
        var statuses: [Int32]
        var error: String
        /// Whether the line calls `compare`, whose status is its verdict.
        var compares: Bool

        /// With few runs `compare` cannot tell whether times changed. That is an answer, not a failure.
        func isAsExpected(_ status: Int32) -> Bool {
            !statuses.isEmpty
                && statuses.allSatisfy { $0 == status || (compares && status == 0 && ($0 == 1 || $0 == 3)) }
        }
    }

    init() throws {
        path = "/tmp/spawnscope-examples-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let run = try ProgramRun(
            "/bin/sh", "-c", Self.preparation, "sh", path, PerfPrivileges.program, cgroup, container)
        guard run.status == 0 else { throw Failure(text: run.error) }
    }

    deinit {
        _ = try? ProgramRun(
            "/bin/sh", "-c",
            """
            kill $(cat "$1/pids")
            # Until they are reaped, which is not our task, pgrep would find them in the next test.
            for p in $(cat "$1/pids"); do for i in $(seq 200); do [ -e "/proc/$p" ] || break; sleep 0.02; done; done
            for d in $(cat "$1/cgroups"); do rmdir "$d"; done; rm -rf -- "$1" "$1".*
            """, "sh", path)
    }

    /// $1: the directory; $2: the program under test; $3: the name of a control group.
    private static let preparation = #"""
        set -e
        mkdir -p "$1/bin" && chmod 755 "$1" && cd "$1"
        # Notes how each call ended, also inside a pipe or before "||".
        printf '#!/bin/sh\n"%s" "$@"\ns=$?; echo $s >>"$STATUSES"; exit $s\n' "$2" >bin/spawnscope
        for name in flamegraph.pl inferno-flamegraph duckdb; do printf '#!/bin/sh\ncat\n' >bin/$name; done
        # The tests run as root already, and "ssh host" runs here.
        printf '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do shift; done\nexec "$@"\n' >bin/sudo
        printf '#!/bin/sh\nshift\nexec "$@"\n' >bin/ssh
        for name in old new; do printf '#!/bin/sh\n/bin/true\n' >$name; done
        printf '#!/bin/sh\nfor i in $(seq "$1"); do /bin/true; done\necho "spawned $1"\n' >spawn_loop_go
        printf 'all check:\n\t/bin/true; :\n' >Makefile
        cat >server.c <<'END'
        #include <spawn.h>
        #include <sys/wait.h>
        __attribute__((noinline)) static int handle(void) __asm__("main.handle");
        static int handle(void) {
            char *argv[] = {"true", 0};
            pid_t pid;
            return posix_spawn(&pid, "/bin/true", 0, 0, argv, 0) || waitpid(pid, 0, 0) != pid;
        }
        int main(void) { return handle(); }
        END
        gcc -o server server.c
        chmod 755 bin/* old new spawn_loop_go
        for name in nginx postgres; do
            cp /bin/sleep bin/$name
            bin/$name 600 >/dev/null 2>&1 & echo $! >>pids
        done
        m=$(grep -m 1 -E ' cgroup .*perf_event|^[^ ]+ [^ ]+ cgroup2 ' /proc/mounts | cut -d ' ' -f 2)
        for group in "$m/$3" "$m/$3.service" "$m/docker-$4.scope"; do
            mkdir "$group"; echo "$group" >>cgroups
        done
        "$2" record -q --sample 999 -- make check >/dev/null
        for name in build main branch a b ci old new old1 new1 a1 b1 before after main-1 main-2 branch-1 branch-2; do
            cp spawnscope.data $name.data
        done
        perf record -q -g -e cpu-clock -e task:task_newtask -e sched:sched_process_exec -e sched:sched_process_exit \
            -o perf.data -- make check >/dev/null
        "$2" budget -q --init --file ci.yml
        "$2" budget -q --init
        """#

    /// Replaces what only the reader's machine has, and shortens what takes long.
    private func adapted(_ command: String) -> String {
        var command = command
        for (what, here) in [
            ("--event cycles ", "--event cpu-clock "), ("-p 4711 ", "-p $$ "), ("--duration 10s", "--duration 50ms"),
            ("--runs 10 ", "--runs 1 --warmup 0 "), ("machine.slice/web.scope", cgroup),
            ("system.slice/postgresql.service", cgroup), ("--unit postgresql ", "--unit \(cgroup) "),
            ("$(docker ps -q --no-trunc --filter name=web)", container),
        ] { command.replace(what, with: here) }
        // Every command finds a budget file but the one that writes it.
        return command.hasSuffix("budget --init") || command.contains("budget --init ")
            ? "rm -f spawn-budget.yml; \(command)" : command
    }

    /// Runs a command line in this directory, or in a copy of it: `place`, a word.
    func run(_ command: String, in place: String? = nil) throws -> Run {
        let script = """
            directory=$1; cd "$2" || exit; export STATUSES="$2/statuses"; : >"$STATUSES"
            PATH=$1/bin:$PATH USER=nobody GITHUB_STEP_SUMMARY=$2/summary.md DEBUGINFOD_URLS=file:///none
            export PATH USER GITHUB_STEP_SUMMARY DEBUGINFOD_URLS
            \(adapted(command))
            """
        let directory = place.map { "\(path).\($0)" } ?? path
        if place != nil, access(directory, F_OK) != 0 {
            let copy = try ProgramRun("cp", "-a", "--", path, directory)
            guard copy.status == 0 else { throw Failure(text: copy.error) }
        }
        let run = try ProgramRun("/bin/bash", "-c", script, "bash", path, directory)
        let ended = try ProgramRun("cat", "\(directory)/statuses")
        return Run(
            statuses: ended.lines.compactMap { Int32($0) }, error: run.error,
            compares: command.contains("spawnscope compare"))
    }
}
