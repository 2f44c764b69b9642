import Glibc
import TestSupport
import Testing

/// Programs that change their user, root directory or namespaces, and recorders inside of one: every count is strace's, paths
/// are as they were passed, pids are those of the recorder's namespace.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedNamespaceTests {
    private let directory = SessionDirectory()

    private func fold(_ options: String...) throws -> [String] {
        let run = try ProgramRun([PerfPrivileges.program, "fold"] + options + [directory.session])
        #expect(run.status == 0, "\(run.error)")
        return run.lines.map(String.init)
    }

    /// Creations and successful execs but the first, as another program counts them.
    private func strace(_ command: [String]) throws -> (creations: Int, execs: Int) {
        let run = try ProgramRun(
            ["strace", "-f", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve", "-e", "signal=none"] + command)
        #expect(run.status == 0, "\(run.error)")
        var creations = 0
        var execs = -1
        for line in run.error.split(separator: "\n") {
            // "name(…) = result" or "<... name resumed>…) = result", perhaps with more behind the result.
            guard let equals = line.ranges(of: " = ").last, line[equals.upperBound...].first?.isNumber == true
            else { continue }
            if line.contains("execve") { execs += 1 } else if !line.contains("CLONE_THREAD") { creations += 1 }
        }
        return (creations, execs)
    }

    private func record(_ command: [String], recorder: [String] = []) throws -> ProgramRun {
        let run = try ProgramRun(
            recorder + [PerfPrivileges.program, "record", "-o", directory.session, "--"] + command)
        #expect(run.status == 0 && run.error.contains("spawnscope: 0 lost of "), "\(run.error)")
        let perf = try ProgramRun("perf", "script", "-i", directory.session)
        #expect(perf.status == 0 && perf.output.contains("spawnscope:exec:"))
        return run
    }

    private static let two = "/bin/true; /usr/bin/env /bin/true; :"
    private static let ten = "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; :"

    @Test(
        arguments: [
            (["setpriv", "--reuid", "65534", "--clear-groups", "/bin/sh", "-c", two], ["sh;/bin/true 1"]),
            (["unshare", "-fp", "/bin/sh", "-c", two], ["unshare;/bin/sh 1", "unshare;sh;/bin/true 1"]),
            (["unshare", "-Ur", "/bin/sh", "-c", two], ["sh;/bin/true 1", "sh;/usr/bin/env;/bin/true 1"]),
            (["unshare", "-m", "/bin/sh", "-c", two], ["sh;/bin/true 1", "sh;/usr/bin/env;/bin/true 1"]),
            // As a container's shell is started.
            (
                ["unshare", "-fpmuCUr", "--mount-proc", "/bin/sh", "-c", ten],
                ["unshare;/bin/sh 1", "unshare;sh;/bin/true 10"]
            ),
        ] as [([String], [String])])
    func countsAreStraces(command: [String], lines: [String]) throws {
        let run = try record(command)
        let expected = try strace(command)
        #expect(expected.creations >= 2)
        #expect(run.error.contains("spawnscope: \(expected.creations) spawns in "), "\(run.error)")
        #expect(run.error.contains(" \(expected.execs) execs, "), "\(run.error)")
        let found = try fold("--frames", "ancestry,program")
        for line in lines { #expect(found.contains(line), "\(found)") }
    }

    /// The path of a program below another root is the one that was passed there.
    @Test func aRootDirectoryOfItsOwn() throws {
        let script = """
            mount -t tmpfs none "$0" && cd "$0" && mkdir usr dev && mount --bind /usr usr && ln -s usr/bin usr/lib usr/lib64 . &&
            exec chroot . /bin/sh -c '/bin/true; /bin/../bin/true; :'
            """
        let run = try record(["unshare", "-m", "/bin/sh", "-c", script, "/mnt"])
        #expect(run.error.contains(" 0 failed; "))
        let found = try fold("--frames", "ancestry,program")
        #expect(found.contains("sh;/bin/true 1") && found.contains("sh;/bin/../bin/true 1"), "\(found)")
    }

    /// Pids are the recorder's namespace's whatever the spawner calls its child.
    @Test func pidsOfTheRecorder() throws {
        let run = try record(["unshare", "-fp", "/bin/sh", "-c", "echo $$; exec grep NSpid: /proc/self/status"])
        let words = run.output.split { $0 == "\n" || $0 == "\t" }.map(String.init)
        // "1", then "NSpid: PID 1" in the outer namespace's /proc.
        try #require(words.count >= 3 && words[0] == "1")
        let script = try ProgramRun("perf", "script", "-i", directory.session, "-F", "pid,event,trace")
        #expect(
            script.lines.contains { line in
                let fields = line.split(separator: " ")
                return fields.first.map(String.init) == words[2] && line.contains("executes /usr/bin/grep")
            }, "\(words)")
    }

    /// A recorder in a container: its records have other pids than the tracepoints' own fields.
    @Test func aRecorderInANamespace() throws {
        let inside = ["unshare", "-fp", "--mount-proc"]
        let run = try record(["/bin/sh", "-c", Self.ten], recorder: inside)
        #expect(run.error.contains("10 executed, 0 forked, 0 failed; 10 execs, 0 failed attempts"), "\(run.error)")
        #expect(try fold("--frames", "ancestry,program") == ["sh;/bin/true 10"])
        // A namespace within, whose own pids are a third kind.
        let nested = try record(["unshare", "-fp", "/bin/sh", "-c", Self.two], recorder: inside)
        #expect(nested.error.contains("3 executed, 0 forked, 0 failed; "), "\(nested.error)")
        #expect(try fold("--frames", "ancestry,program").contains("unshare;sh;/bin/true 1"))
    }

    /// A thread that is not the leader executes: the attempt is its own, and it has succeeded.
    @Test(arguments: [[], ["unshare", "-fp", "--mount-proc"]])
    func anotherThreadExecutes(recorder: [String]) throws {
        let source = """
            #include <pthread.h>
            #include <unistd.h>
            static void *run(void *unused) { return execl("/bin/true", "true", (char *)0), unused; }
            int main() { pthread_t thread; pthread_create(&thread, 0, run, 0); pause(); }
            """
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(source, ["-pthread"], in: directory)
            let run = try record(["/bin/sh", "-c", "\(program); :"], recorder: recorder)
            #expect(run.error.contains("1 executed, 0 forked, 0 failed; 2 execs, 0 failed attempts"), "\(run.error)")
        }
    }

    /// What runs outside of the recorder's namespace has no pid there, and is nobody's spawn.
    @Test func theMachineSeenFromANamespace() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            mkfifo "$2.go"; (read x <"$2.go"; for i in 1 2 3 4 5; do /bin/true; done; echo done) &
            unshare -fp --mount-proc "$1" record -a -o "$2" -- sh -c 'echo >"$0.go"; sleep 0.3; /usr/bin/env /bin/false; :' "$2"
            s=$?; wait; rm "$2.go"; exit $s
            """, "sh", PerfPrivileges.program, directory.session)
        #expect(run.status == 0 && run.output == "done\n")
        let found = try fold("--frames", "ancestry,program")
        #expect(
            found.contains("sh;/usr/bin/env;/bin/false 1") && !found.contains { $0.contains("/bin/true") }, "\(found)")
    }
}
