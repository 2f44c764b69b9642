import Glibc
import TestSupport
import Testing

/// Recordings that lose events: every number says whose it is, and no loss is counted twice.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedLossTests {
    private let directory = SessionDirectory()

    /// A loop that a ring of one page cannot hold while its recorder is stopped.
    private static let loop = "kill -STOP $PPID; \"$1\" 300 >/dev/null; kill -CONT $PPID; \"$1\" 100 >/dev/null"

    private func record(_ recorder: String, _ script: String, _ program: String) throws -> ProgramRun {
        // Whose a process is whose creation was lost is not known: it would be left out as a stranger.
        try directory.record(
            "--recorder", recorder, "--keep-all", "--ring-size", "4K", "--", "sh", "-c", script, "sh", program)
    }

    private struct Inventory {
        var total = 0
        var counters: Int?
        var records = 0
        var byEvent: [(samples: Int, counter: Int?, records: Int)] = []

        /// The numbers of a line in the order that they stand in.
        private static func numbers(_ line: some StringProtocol) -> [Int] {
            line.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
        }

        init(_ info: ProgramRun) {
            let lost = info.lines.first { $0.hasPrefix("lost: ") } ?? ""
            let numbers = Self.numbers(lost)
            total = numbers.first ?? -1
            counters = numbers.count == 3 ? numbers[1] : nil
            records = numbers.last ?? -1
            for line in info.lines.drop(while: { !$0.hasPrefix("events: ") }).dropFirst() {
                guard line.hasPrefix("  "), let colon = line.lastIndex(of: ":") else { break }
                let counts = Self.numbers(line[colon...])
                byEvent.append((counts.first ?? -1, counts.count == 3 ? counts[1] : nil, counts.last ?? -1))
            }
        }
    }

    private func info() throws -> Inventory {
        let run = try ProgramRun(PerfPrivileges.program, "info", directory.session)
        #expect(run.status == 0)
        return Inventory(run)
    }

    @Test(arguments: ["joined", "events"]) func bothCountsOfTheSameLosses(recorder: String) throws {
        try Compiler.withDirectory { directory in
            let program = try Workload.build("spawn_loop", in: directory)
            let run = try record(recorder, Self.loop, program)
            #expect(run.status == 0)
            let inventory = try info()
            #expect(run.error.contains("spawnscope: LOST \(inventory.total) of "), "\(run.error)")
            #expect(inventory.total > 1000 && inventory.counters == inventory.total)
            // The records tell of all but the last.
            #expect(inventory.records > 1000 && inventory.records <= inventory.total)
            #expect(inventory.byEvent.count > (recorder == "events" ? 20 : 10))
            #expect(inventory.byEvent.reduce(0) { $0 + ($1.counter ?? 0) } == inventory.total)
            #expect(inventory.byEvent.reduce(0) { $0 + $1.records } == inventory.records)
            // Every event has lost some of its own, and few were the first that found room again.
            #expect(
                inventory.byEvent.count { ($0.counter ?? 0) > 0 } > inventory.byEvent.count { $0.records > 0 })
            let perf = try ProgramRun("perf", "script", "-i", self.directory.session)
            let creation = recorder == "events" ? "task:task_newtask" : "spawnscope:spawn"
            #expect(perf.status == 0 && perf.output.contains(creation))
            let fold = try ProgramRun(PerfPrivileges.program, "fold", self.directory.session)
            #expect(fold.error.contains("the kernel dropped \(inventory.total) events; the numbers are lower bounds"))
        }
    }

    /// Nobody was there to read the counters: what the records tell is all, and that is said.
    @Test func aKilledRecorderHasRecordsAlone() throws {
        try Compiler.withDirectory { directory in
            let program = try Workload.build("spawn_loop", in: directory)
            let run = try record("events", Self.loop + "; sleep 0.2; kill -KILL $PPID", program)
            #expect(run.status == 137)
            let inventory = try info()
            #expect(inventory.counters == nil && inventory.total > 1000 && inventory.total == inventory.records)
            #expect(inventory.byEvent.allSatisfy { $0.counter == nil })
            let text = try ProgramRun(PerfPrivileges.program, "info", self.directory.session)
            #expect(text.output.contains("by LOST records alone"))
            #expect(text.error.contains("the recorder was killed before it finished"))
        }
    }

    @Test func nothingLost() throws {
        #expect(try directory.record("--", "true").status == 0)
        let text = try ProgramRun(PerfPrivileges.program, "info", directory.session)
        #expect(text.lines.contains("lost: 0 events"), "\(text.output)")
    }
}
