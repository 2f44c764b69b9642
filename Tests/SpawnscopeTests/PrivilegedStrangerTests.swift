import Glibc
import TestSupport
import Testing

/// Others on the machine do not exist for a recording of a workload. The recorder *events* sees them.
@Suite(.enabled(if: PerfPrivileges.available)) struct PrivilegedStrangerTests {
    private let directory = SessionDirectory()

    /// Runs a script beside somebody else's loop of spawns, whose program is called `unmistakable`.
    private func beside(_ script: String) throws -> ProgramRun {
        try ProgramRun(
            "bash", "-c",
            """
            cd "$1"; S=$0; cp /bin/true unmistakable
            (while :; do ./unmistakable; done) & stranger=$!
            trap 'kill $stranger 2>/dev/null; wait $stranger 2>/dev/null; rm -f unmistakable' EXIT
            sleep 0.2
            \(script)
            """, PerfPrivileges.program, directory.path)
    }

    /// Whether the session, its compressed records unpacked, has the stranger's name anywhere.
    private func hasStranger(_ name: String = "s.data") throws -> Bool {
        let bytes = try InflatedBytes.of(directory.path + "/" + name)
        return String(decoding: bytes, as: UTF8.self).contains("unmistakable")
    }

    @Test("a packed session holds nothing of theirs, and says how much was left out")
    func packed() throws {
        let run = try beside(
            """
            $S record --recorder events -o s.data -- sh -c '/bin/true; sleep 0.5' || exit 1
            $S info s.data | grep '^foreign: '; $S fold --frames program s.data
            perf script -i s.data 2>&1 >/dev/null | head -3
            """)
        #expect(try run.status == 0 && !hasStranger(), "\(run.output)\(run.error)")
        let foreign = run.lines.first { $0.hasPrefix("foreign: ") }?.split(separator: " ").dropFirst().first.flatMap {
            Int($0)
        }
        #expect(foreign ?? 0 > 100, "\(run.output)")
        #expect(run.lines.contains("/bin/true 1") && run.lines.contains { $0.hasSuffix("/sleep 1") }, "\(run.output)")
        // As small as without them: half a second of a busy loop is megabytes.
        #expect(try InflatedBytes.of(directory.session).count < 200_000, "\(run.output)")
    }

    @Test("raw sessions keep all, which pack leaves out then, or keeps if it is asked to")
    func raw() throws {
        let run = try beside(
            """
            $S record -q --no-pack --recorder events -o s.data -- sh -c '/bin/true; sleep 0.3' || exit 1
            $S pack -q -o t.data s.data; $S pack -q --keep-all -o k.data s.data
            $S fold --frames program t.data >a; $S fold --frames program k.data >b; cmp a b && echo same; rm -f a b
            """)
        defer { for name in ["t.data", "k.data"] { unlink(directory.path + "/" + name) } }
        #expect(run.lines == ["same"], "\(run.output)\(run.error)")
        #expect(try hasStranger())
        #expect(try !hasStranger("t.data"))
        #expect(try hasStranger("k.data"))
    }

    @Test("the same of a running process")
    func process() throws {
        let run = try beside(
            """
            sh -c 'while :; do /bin/true; sleep 0.05; done' & own=$!
            $S record --recorder events -o s.data -p $own --duration 400ms; kill $own
            $S fold --frames program s.data | grep -c '^/bin/true '
            """)
        #expect(try run.lines == ["1"] && !hasStranger(), "\(run.output)\(run.error)")
    }

    @Test("who sent a signal is told all the same, by name")
    func signals() throws {
        let run = try ProgramRun(
            "bash", "-c",
            """
            cd "$1"; S=$0; mkfifo go
            (read -r pid <go; sleep 0.2; exec perl -e 'kill 15, shift; sleep 1' "$pid") &
            $S record -q -o s.data -- bash -c 'sleep 30 & echo $! >go; wait $!; /bin/true'
            $S report --format json --spawns s.data | grep -c '"signal_from_comm": "perl"'; rm -f go
            """, PerfPrivileges.program, directory.path)
        #expect(run.output == "1\n", "\(run.output)\(run.error)")
    }

    @Test("samples of the machine's processors are those of the workload")
    func samples() throws {
        let run = try beside(
            """
            $S record -q --sample 2000 -o s.data -- sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done' || exit 1
            $S fold --event cpu-clock s.data | grep -c unmistakable; $S fold --event cpu-clock s.data | grep -c '^sh;'
            """)
        #expect(run.lines.first == "0" && (run.lines.last.flatMap { Int($0) } ?? 0) > 0, "\(run.output)\(run.error)")
    }
}
