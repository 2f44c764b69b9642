import ByteAccess
import Folding
import PerfData
import PerfRecords
import Profiles
import Session
import TestSupport
import Testing

/// The workload's samples by the parts of its spawns.
@Suite struct SampleFoldTests {
    private func word(_ values: UInt64...) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values { bytes.store(value) }
        return bytes
    }

    private func session(_ attributes: (inout EventAttributes) -> Void = { _ in }) -> HandmadeSession {
        var session = HandmadeSession(attributes)
        session.comm(10, "app")
        session.exec(10, "/bin/app")
        session.map(10, "/nonexistent/app", at: 0x10000)
        session.create(10, 11)
        session.fork(10, 11)
        return session
    }

    /// What runs between creation and exec runs for the program that is executed then.
    @Test func samplesFromBeforeTheExecAreTheProgramsToo() throws {
        var session = session()
        session.sample(11, stack: [0x10010])
        session.sample(11, stack: [0x10010])
        session.sample(10, stack: [0x10010])
        session.exec(11, "/bin/true")
        session.sample(11, stack: [0x10010])
        session.exit(11)
        // Its memory is torn down after the exit is told.
        session.sample(11, stack: [0x10010])
        session.sample(99, stack: [0x10010])
        #expect(try session.fold([.ancestry, .program], weight: .samples) == ["/bin/app 1", "app;/bin/true 4"])
        #expect(
            try session.fold([.program, .user, .ancestry], weight: .samples) == [
                "/bin/app;[truncated];[app] 1", "/bin/true;[truncated];[app];app 4",
            ])
        #expect(try session.fold([.program], weight: .period) == ["/bin/app 4000", "/bin/true 16000"])
    }

    @Test func samplesOfChildrenThatExecuteNothing() throws {
        var session = session()
        session.sample(11, stack: [0x10010])
        session.exit(11)
        session.create(10, 12)
        session.attempt(12)
        session.sample(12, stack: [0x10010])
        #expect(try session.fold([.program], weight: .samples) == ["[failed] 1", "[forked] 1"])
    }

    /// A pid that another process has by now is not the spawn's that had it.
    @Test func aPidThatIsUsedAgain() throws {
        var session = session()
        session.exec(11, "/bin/true")
        session.exit(11)
        session.fork(77, 11)
        session.sample(11, stack: [0x10010])
        #expect(try session.fold([.program], weight: .samples).isEmpty)
    }

    @Test func userAndKernelFrames() throws {
        var session = session()
        let kernel: UInt64 = 0xffff_ffff_8100_0000
        session.sample(10, stack: [0 &- 128, kernel, 0 &- 512, 0x10010, 0x10020], misc: 1)
        session.sample(10, stack: [0 &- 128, kernel], misc: 1)
        #expect(
            try session.fold([.user, .kernel], weight: .samples)
                == ["[kernel.kallsyms] 1", "[truncated];[app];[app];[kernel.kallsyms] 1"])
        #expect(try session.fold([.kernel], weight: .samples) == ["[kernel.kallsyms] 2"])
        #expect(
            try session.fold([.program, .user], weight: .samples) == [
                "/bin/app 1", "/bin/app;[truncated];[app];[app] 1",
            ])
    }

    @Test func withoutCallchainsTheAddressIsTheStack() throws {
        var session = HandmadeSession { $0.sampleType.remove(.callchain) }
        session.exec(10, "/bin/app")
        session.sample(10, stack: nil)
        #expect(try session.fold([.program, .user], weight: .samples) == ["/bin/app;[truncated];[unknown] 1"])
    }

    /// A program's own output (bpf-output) is no sample of what ran.
    @Test func outputEventsAreNoSamples() throws {
        var session = session { $0.config = EventAttributes.Software.bpfOutput }
        session.sample(10, stack: [0x10010])
        #expect(try session.fold([.program], weight: .samples).isEmpty)
    }

    // MARK: - Weights

    @Test(arguments: [(UInt64(4000), 4000), (0, 1)] as [(UInt64, Int)])
    func withoutThePeriodTheAttributesSayIt(period: UInt64, expected: Int) throws {
        var session = session { $0.samplePeriod = period }
        session.sample(10, stack: [0x10010])
        #expect(try session.fold([.program], weight: .period) == ["/bin/app \(expected)"])
        #expect(try session.fold(event: "cpu-clock", usesPerfNames: true) == ["app;[app] \(expected)"])
    }

    @Test func thePeriodOfTheSampleItself() throws {
        var session = session { $0.sampleType.insert(.period) }
        for period: UInt64 in [5, 0, .max, 7] { session.sample(10, stack: [0x10010], fields: word(period)) }
        #expect(try session.fold([.program], weight: .period) == ["/bin/app \(UInt64.max)"])
        #expect(try session.fold(event: "cpu-clock") == ["app;[truncated];[app] \(UInt64.max)"])
    }

    // MARK: - One event's samples

    /// PERF_FORMAT_GROUP | PERF_FORMAT_ID: each member that went on counts, by its own event and as much as it went on.
    @Test func aReadGroupGivesASampleAMember() throws {
        var session = HandmadeSession(tracepoints: []) {
            $0.sampleType.insert(.read)
            $0.readFormat = [.group, .id]
        }
        var member = session.events[0].attributes
        member.config = 1
        session.addEvent("task-clock", id: 200, member)
        session.comm(10, "app")
        session.sample(10, stack: [0x10], fields: word(2, 1000, 100, 30, 200))
        session.sample(10, stack: [0x10], fields: word(2, 1500, 100, 30, 200))
        #expect(try session.fold(event: "cpu-clock", usesPerfNames: true) == ["app;[unknown] 1500"])
        #expect(try session.fold(event: "task-clock", usesPerfNames: true) == ["app;[unknown] 30"])
        #expect(try session.fold(event: nil, usesPerfNames: true) == ["app;[unknown] 1500"])
        #expect(try session.fold(event: "task-clock", weight: .samples) == ["app;[truncated];[unknown] 1"])
    }

    /// LBR in call-stack mode: the user part of the stack is the branches, newest first.
    @Test func branchesAreTheUserStack() throws {
        let code = NamedCode(process: 2_147_000_050, "_start", "main", "work")
        var session = HandmadeSession(tracepoints: []) {
            $0.sampleType.insert(.branchStack)
            $0.branchSampleType = [.callStack]
        }
        session.comm(code.process, "app")
        session.map(code.process, "//anon", at: code.start)
        let branches = word(
            2, code.address("main"), code.address("work"), 0, code.address("_start"), code.address("main"), 0)
        session.sample(code.process, stack: [0 &- 512, 0x9999], behind: branches)
        #expect(try session.fold(event: nil) == ["app;_start;main;work 4000"])
        #expect(try session.fold([.user], weight: .samples, root: nil) == ["_start;main;work 1"])
    }

    @Test func theFirstEventInTimeIsFolded() throws {
        var session = HandmadeSession(tracepoints: [2])
        session.comm(10, "app")
        session.sample(10, stack: [0x10])
        session.exit(10)
        try session.withSession(root: nil) { recorded in
            let fold = try EventFold(recorded, EventFold.Options(usesPerfNames: true))
            #expect(fold.event == "cpu-clock" && fold.notes.counted == 1)
            #expect(throws: EventFoldError.unknownEvent("x", known: ["sched:sched_process_exit", "cpu-clock"])) {
                try EventFold(recorded, EventFold.Options(event: "x"))
            }
        }
    }
}
