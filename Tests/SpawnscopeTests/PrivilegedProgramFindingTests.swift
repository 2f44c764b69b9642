import Glibc
import TestSupport
import Testing

/// Findings of recordings of real programs: of the usual ones there is nothing to say, and each kind has a recording that has it.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedProgramFindingTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func kinds(_ options: [String] = [], _ command: [String], spawns: Int? = nil) throws -> [String] {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "-o", directory.session] + options + ["--"] + command)
        #expect(run.status == 0, "\(command): \(run.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", directory.session)
        let found = try ProgramRun(
            "/usr/bin/python3", "-c",
            """
            import json, sys
            report = json.loads(sys.argv[1])
            print(report["totals"]["spawns"])
            for finding in report["findings"]: print(finding["kind"])
            """, report.output)
        let made = try #require(found.lines.first.flatMap { Int($0) }, "\(report.output)\(found.error)")
        if let spawns { #expect(made >= spawns, "\(command)") }
        return found.lines.dropFirst().map(String.init)
    }

    /// Full paths, so that there is nothing to search. `$1` is a directory to write to.
    static let usual: [(name: String, spawns: Int, script: String)] = [
        ("dash", 6, "exec /bin/dash -c 'for i in 1 2 3 4 5; do /bin/true; done; /bin/true & wait'"),
        (
            "shells that do more than to start a program", 12,
            """
            /bin/sh -c 'cd /tmp && /bin/true'; /bin/sh -c '/bin/true > /dev/null'; /bin/sh -c '/bin/true; echo $? >/dev/null'
            /bin/sh -c 'for i in 1; do test -e / && /bin/true; done'; /bin/sh -c 'X=1 /bin/true || exit 1'
            /bin/sh -c '/bin/true & wait'; :
            """
        ),
        (
            "bash", 50,
            "exec /bin/bash -c 'for i in {1..30}; do /bin/true & done; wait; for i in {1..20}; do x=$(/bin/true); done'"
        ),
        ("make", 40, "cd $1; { echo 'all:'; seq -f '\t@/bin/true %g' 40; } > m.mk; exec /usr/bin/make -s -f m.mk"),
        (
            "make -j", 60,
            """
            cd $1; targets=$(seq -s ' ' -f t%g 60); printf 'all: %s\\n%s: ; @/bin/true $@\\n' "$targets" "$targets" > j.mk
            exec /usr/bin/make -s -j -f j.mk
            """
        ),
        (
            "git", 2,
            """
            cd $1; /usr/bin/git init -q git-test
            /usr/bin/git -C git-test -c user.name=a -c user.email=b commit -q --allow-empty -m x
            /usr/bin/git -C git-test ls-remote . > ls; exec /usr/bin/git -C git-test gc -q
            """
        ),
        ("find", 12, "exec /usr/bin/find /usr/share/doc/bash /etc/init.d -exec /bin/true '{}' ';'"),
        ("xargs", 60, "/usr/bin/seq 60 | /usr/bin/xargs -n1 -P4 /bin/true"),
        (
            "perl", 45,
            """
            exec /usr/bin/perl -e 'for (1..30) { system("/bin/true") }
                for (1..10) { my $p = fork(); if (!$p) { exec "/bin/true" } waitpid $p, 0 } for (1..5) { `echo x; echo y` }'
            """
        ),
        ("dpkg-query", 2, "/usr/bin/dpkg-query -L bash | /usr/bin/head -1 > $1/list"),
        ("tar", 2, "exec /usr/bin/tar czf $1/t.tgz -C /usr/share/doc bash"),
        ("gcc", 3, "echo 'int main(void) { return 0; }' > $1/m.c; exec /usr/bin/gcc -o $1/m $1/m.c"),
        ("awk", 20, "exec /usr/bin/awk 'BEGIN { for (i = 0; i < 20; i++) system(\"/bin/true; :\") }'"),
        ("timeout", 1, "exec /usr/bin/timeout 5 /bin/true"),
    ]

    @Test(arguments: usual)
    func ofTheUsualThereIsNothingToSay(name: String, spawns: Int, script: String) throws {
        // One directory in the PATH: what is looked for in it is found at once.
        let command = ["/usr/bin/env", "PATH=/usr/bin", "/bin/sh", "-c", script, "sh", programs.path]
        #expect(try kinds(["--link", "--sample", "999"], command, spawns: spawns) == [], "\(name)")
    }

    /// Their functions could have names, and that is all.
    @Test func interpretersThatCouldNameTheirFunctions() throws {
        let python = """
            import asyncio, subprocess
            for _ in range(30): subprocess.run(["/bin/true"])
            for _ in range(10): subprocess.run("/bin/true; :", shell=True)
            for child in [subprocess.Popen(["/bin/true"]) for _ in range(20)]: child.wait()
            async def many():
                for child in [await asyncio.create_subprocess_exec("/bin/true") for _ in range(20)]: await child.wait()
            asyncio.run(many())
            """
        #expect(try kinds(["--link"], ["/usr/bin/python3", "-c", python], spawns: 80) == ["unnamed-functions"])
        guard access("/usr/bin/node", X_OK) == 0 else { return }
        // All live at once, and libuv looks at each of them whenever one has ended.
        let node = "for (let i = 0; i < 30; i++) require('child_process').spawn('/bin/true', [], {stdio: 'ignore'})"
        #expect(try kinds(["--link"], ["/usr/bin/node", "-e", node], spawns: 30) == ["unnamed-functions"])
    }

    /// Every wait blocks, and the kernel restarts those that another thread's child interrupts.
    @Test func waitsThatBlockInManyThreads() throws {
        let threads = try Workload.build("spawn_threads", in: programs.path)
        #expect(try kinds([], [threads, "400", "8"], spawns: 400) == [])
    }

    /// A parent that handles SIGCHLD by looking at all its children, with wait4 and with waitid; one that looks before it blocks.
    @Test(arguments: [
        "os.waitpid(pid, os.WNOHANG)[0]", "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)",
    ])
    func looksThatEndedChildrenAskFor(look: String) throws {
        let script = """
            import os, signal
            left = set()
            def look(*_):
                for pid in list(left):
                    if \(look): left.discard(pid)
            signal.signal(signal.SIGCHLD, look)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            for n in range(30): left.add(os.posix_spawn("/bin/sleep", ["sleep", str(0.1 + n / 100)], {}))
            while left:
                signal.sigwait([signal.SIGCHLD]); look()
            for n in range(10):
                pid = os.posix_spawn("/bin/sleep", ["sleep", "0.02"], {})
                for _ in range(3): os.waitpid(pid, os.WNOHANG)
                os.waitpid(pid, 0)
            """
        #expect(try !kinds([], ["/usr/bin/python3", "-c", script], spawns: 40).contains("polling-wait"))
    }

    @Test(arguments: [
        "os.waitpid(pid, os.WNOHANG)[0]", "os.waitpid(-1, os.WNOHANG)[0]",
        "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)", "os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)",
    ])
    func looksByTheClock(look: String) throws {
        let script = """
            import os, time
            for _ in range(5):
                pid = os.posix_spawn("/bin/sleep", ["sleep", "0.1"], {})
                while not \(look): time.sleep(0.01)
            """
        #expect(try kinds([], ["/usr/bin/python3", "-c", script], spawns: 5).contains("polling-wait"))
    }

    /// 8 MiB of page tables: 2,048 private pages, each alone in its 2 MiB. Those of a shared mapping are not copied.
    @Test(arguments: [("MAP_PRIVATE", true), ("MAP_SHARED", false)])
    func forksOfALargeProcess(mapping: String, isFound: Bool) throws {
        let script = """
            import mmap, os
            size, step, no_reserve = 4 << 30, 2 << 20, 0x4000
            memory = mmap.mmap(-1, size, flags=mmap.\(mapping) | mmap.MAP_ANONYMOUS | no_reserve)
            memory.madvise(mmap.MADV_NOHUGEPAGE)
            for place in range(0, size, step): memory[place] = 1
            for _ in range(20):
                pid = os.fork()
                if pid == 0: os.execv("/bin/true", ["true"])
                os.waitpid(pid, 0)
            """
        let kinds = try kinds([], ["/usr/bin/python3", "-c", script], spawns: 20)
        #expect(kinds.contains("slow-fork") == isFound, "\(kinds)")
    }

    /// One name in several directories; other names, one after the other, are no search.
    @Test(arguments: [
        (["/none/1/true", "/none/2/true", "/bin/true"], true), (["/none/editor", "/none/nano", "/bin/true"], false),
    ])
    func searches(paths: [String], isFound: Bool) throws {
        let script = """
            import os, sys
            for _ in range(40):
                pid = os.fork()
                if pid == 0:
                    for path in sys.argv[1:]:
                        try: os.execv(path, ["true"])
                        except OSError: pass
                os.waitpid(pid, 0)
            """
        let kinds = try kinds([], ["/usr/bin/python3", "-c", script] + paths, spawns: 40)
        #expect(kinds.contains("path-search") == isFound, "\(kinds)")
    }

    /// A program of one's own with a large library, and one of the system's.
    @Test func librariesOfOnesOwnProgram() throws {
        let source = programs.path + "/linked.cpp"
        try Compiler.write(Array("#include <iostream>\nint main() { std::cout << std::flush; }\n".utf8), to: source)
        try Compiler.run(["g++", "-o", programs.path + "/linked", source])
        let script = "for i in $(seq 40); do $0; done"
        #expect(
            try kinds(["--link"], ["/bin/sh", "-c", script, programs.path + "/linked"], spawns: 40)
                == ["dynamic-linking"])
        #expect(try kinds(["--link"], ["/bin/sh", "-c", script, "/bin/ls"], spawns: 40) == [])
    }
}
