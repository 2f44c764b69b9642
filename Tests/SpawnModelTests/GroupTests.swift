import ByteAccess
import PerfRecords
import SpawnModel
import Testing

/// The control group of a spawn.
@Suite struct GroupTests {
    private static func spawn(_ body: (inout Scenario) -> Void) throws -> Spawn {
        var scenario = Scenario()
        scenario.startRoot()
        body(&scenario)
        scenario.exit(2)
        scenario.exit(1)
        scenario.finish()
        return try #require(scenario.spawns.first { $0.pid == 2 })
    }

    /// A runtime of containers executes itself, is moved, and executes what is to run in the container.
    @Test func theLastExecDecides() throws {
        let spawn = try Self.spawn { scenario in
            scenario.on(1, .created(child: 2, cloneFlags: 17), group: 5)
            scenario.on(2, .executed(path: "/proc/self/exe", oldThread: 2), group: 5)
            #expect(scenario.tracker.process(2)?.group == 5)
            scenario.on(2, .executed(path: "/bin/sh", oldThread: 2), group: 6)
            #expect(scenario.tracker.process(2)?.group == 6)
        }
        #expect(spawn.group == 6 && spawn.execs == 2)
    }

    @Test func withoutAnExecTheCreationDoes() throws {
        #expect(try Self.spawn { $0.on(1, .created(child: 2, cloneFlags: 17), group: 5) }.group == 5)
        #expect(try Self.spawn { $0.create(1, 2) }.group == nil)
    }

    @Test func aRootHasOneToo() {
        var scenario = Scenario()
        scenario.attempt(1)
        scenario.on(1, .executed(path: "/bin/sh", oldThread: 1), group: 7)
        #expect(scenario.tracker.process(1)?.group == 7)
    }

    /// perf's own field is of the thread in which the event fires: a new process is in its creator's group, but for
    /// CLONE_INTO_CGROUP.
    @Test(arguments: [(UInt64(0x11), UInt64(9), UInt64?(9)), (0x2_0000_0011, 9, nil), (0x11, 0, nil)])
    func samplesOfPerf(flags: UInt64, group: UInt64, expected: UInt64?) throws {
        let text = """
            name: task_newtask
            ID: 1
            format:
            \tfield:pid_t pid;\toffset:0;\tsize:4;\tsigned:1;
            \tfield:unsigned long clone_flags;\toffset:8;\tsize:8;\tsigned:0;

            """
        let format = try #require(TracepointFormat(system: "task", text: text))
        let decoder = LifecycleDecoder(tracepoints: [format])
        var raw: [UInt8] = []
        raw.store(UInt64(2))
        raw.store(flags)
        let sample = RawSample(pid: 1, tid: 1, time: 1, raw: 0..<16, group: group)
        let event = decoder.decode(sample, event: 0, in: raw.span.bytes)
        #expect(event?.kind == .created(child: 2, cloneFlags: flags) && event?.group == expected)
    }
}
