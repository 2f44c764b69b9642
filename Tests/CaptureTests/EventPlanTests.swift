@testable import Capture
import Glibc
import PerfRecords
import Session
import Testing

@Suite struct EventPlanTests {
    private static let features = KernelFeatures(lostCounts: true)

    private func plan(
        features: KernelFeatures = features, exit: String = KernelFormats.exit618, lacking: Set<String> = [],
        _ change: (inout RecordingOptions) -> Void = { _ in }
    ) throws -> EventPlan {
        var options = RecordingOptions(command: ["true"])
        change(&options)
        return try EventPlan(options: options, features: features) { name throws(RecordingError) in
            KernelFormats.describe(name, exit: exit, lacking: lacking)
        }
    }

    private func event(_ name: String, in plan: EventPlan) throws -> PlannedEvent {
        try #require(plan.events.first { $0.name == name })
    }

    @Test func everyEventHasTheSameTrailerClockAndWatermark() throws {
        let plan = try plan {
            $0.sampleFrequency = 99
            $0.tracepoints = ["sched:sched_switch"]
            $0.ringSize = 1 << 20
        }
        #expect(plan.events.count == 27 && plan.missing.isEmpty)
        for event in plan.events {
            #expect(
                event.attributes.sampleType.isSuperset(of: [.identifier, .instructionPointer, .threadID, .time, .cpu]))
            #expect(event.attributes.flags.isSuperset(of: [.disabled, .sampleIDAll, .useClockID, .watermark]))
            // build_id would break the sessions of other recorders.
            #expect(event.attributes.flags.isDisjoint(with: [.inherit, .ksymbol, .buildID]))
            #expect(event.attributes.clockID == CLOCK_MONOTONIC)
            #expect(event.attributes.wakeup == 1 << 18)
            #expect(event.attributes.readFormat == [.id, .lost])
            #expect(event.attributes.sampleType.contains(.raw) == (event.tracepoint != nil))
        }
    }

    @Test func theRecorderIsWokenByAQuarterOfARingButNotLater() throws {
        for (size, wakeup) in [(nil, 1 << 20), (64 << 20, 1 << 20), (64 << 10, 16 << 10)] as [(Int?, UInt32)] {
            let plan = try plan { $0.ringSize = size }
            #expect(plan.events.allSatisfy { $0.attributes.wakeup == wakeup })
        }
    }

    @Test func callchainsAreTakenWhereSpawnsAreAskedFor() throws {
        let plan = try plan()
        let chained = plan.events.filter { $0.attributes.sampleType.contains(.callchain) }
        #expect(
            Set(chained.map(\.name)) == [
                "task:task_newtask", "syscalls:sys_enter_execve", "syscalls:sys_enter_execveat",
            ])
        #expect(chained.allSatisfy { $0.attributes.flags.contains(.excludeCallchainKernel) })
        #expect(!plan.samplesKernelAddresses)
    }

    @Test func onlyCreationsHaveADumpOfTheStack() throws {
        let dump: SampleType = [.registersUser, .stackUser]
        func sizes(_ change: (inout RecordingOptions) -> Void) throws -> [String: UInt32] {
            let with = try plan(change).events.filter { !$0.attributes.sampleType.isDisjoint(with: dump) }
            #expect(with.allSatisfy { $0.attributes.sampleType.isSuperset(of: dump) })
            return Dictionary(uniqueKeysWithValues: with.map { ($0.name, $0.attributes.sampleStackUser) })
        }
        #expect(try sizes { _ in } == ["task:task_newtask": 16384])
        #expect(try sizes { $0.stackSize = 4096 } == ["task:task_newtask": 4096])
        #expect(try sizes { $0.stackSize = 0 } == [:])
        // A small ring must hold many of them, and a piece that is too small helps nobody.
        #expect(try sizes { $0.ringSize = 512 << 10 } == ["task:task_newtask": 4096])
        #expect(try sizes { $0.ringSize = 64 << 10 } == [:])
        // Asked for besides, it is still one event.
        #expect(
            try sizes {
                $0.tracepoints = ["task:task_newtask", "sched:sched_switch"]
                $0.callchains = true
            } == ["task:task_newtask": 16384])
    }

    @Test func filters() throws {
        let plan = try plan()
        #expect(
            Dictionary(uniqueKeysWithValues: plan.events.compactMap { event in event.filter.map { (event.name, $0) } })
                == [
                    "syscalls:sys_enter_clone": "!(clone_flags & 65536)", "task:task_newtask": "!(clone_flags & 65536)",
                    "signal:signal_deliver": "sa_handler == 0 && (sig < 17 || sig > 23) && sig != 28",
                    "signal:signal_generate":
                        "(sig == 17 && code >= 1 && code <= 3) || (result == 0 && (sig < 17 || sig > 23) && sig != 28)",
                    "syscalls:sys_exit_wait4": "ret >= 0", "syscalls:sys_exit_waitid": "ret == 0",
                ])
    }

    @Test func theDummyComesFirstAndBringsTheSideband() throws {
        let first = try #require(try plan().events.first)
        #expect(first.name == "dummy" && first.attributes.type == 1 && first.attributes.config == 9)
        #expect(first.attributes.flags.isSuperset(of: [.mmap, .mmap2, .comm, .commExec, .task]))
    }

    @Test func whatProgramsWriteHasTheSameTrailerAndWatermark() throws {
        var plan = try plan { $0.ringSize = 1 << 20 }
        for output in ProgramOutput.allCases { plan.add(output, features: Self.features) }
        #expect(
            plan.events.suffix(4).map(\.name) == [
                "spawnscope:failed_exec", "spawnscope:reaped", "spawnscope:image_sizes", "spawnscope:spawner_size",
            ])
        for event in plan.events.suffix(4) {
            #expect(ProgramOutput(name: event.name, attributes: event.attributes) != nil)
            // perf reads a period in each, whether the file has it or not.
            #expect(
                event.attributes.sampleType
                    == [.identifier, .instructionPointer, .threadID, .time, .cpu, .raw, .period])
            #expect(event.attributes.wakeup == 1 << 18 && event.attributes.samplePeriod == 1)
        }
        #expect(!plan.samplesKernelAddresses)
    }

    @Test func anOlderKernel() throws {
        let old = try plan(
            features: KernelFeatures(lostCounts: false), exit: KernelFormats.exit61,
            lacking: ["syscalls:sys_enter_fork", "syscalls:sys_exit_fork"])
        #expect(old.missing == ["syscalls:sys_enter_fork", "syscalls:sys_exit_fork"])
        #expect(old.events.allSatisfy { $0.attributes.readFormat == [.id] })
        let exit = try event("sched:sched_process_exit", in: old)
        #expect(exit.attributes.config == 311)
        #expect(exit.description?.format.place(of: "pid")?.offset == 24)
        #expect(exit.description?.format.field("group_dead") == nil)
        let new = try event("sched:sched_process_exit", in: plan())
        #expect(new.description?.format.field("group_dead") != nil)
    }

    @Test func withoutSystemCalls() throws {
        let plan = try plan { $0.leavesOutSystemCalls = true }
        #expect(
            plan.events.map(\.name) == [
                "dummy", "task:task_newtask", "sched:sched_process_exec", "signal:signal_deliver",
                "sched:sched_process_exit", "signal:signal_generate", "sched:sched_process_wait",
                "io_uring:io_uring_create",
            ])
        #expect(plan.missing.isEmpty)
    }

    @Test func whatIsAskedForAsWell() throws {
        let plan = try plan {
            $0.tracepoints = ["syscalls:sys_enter_execve", "sched:sched_switch"]
            $0.callchains = true
        }
        // The phases' event serves, now with the kernel's frames too.
        #expect(plan.events.filter { $0.name == "syscalls:sys_enter_execve" }.count == 1)
        for name in ["syscalls:sys_enter_execve", "sched:sched_switch"] {
            let event = try event(name, in: plan)
            #expect(event.isAsked && event.attributes.sampleType.contains(.callchain))
            #expect(!event.attributes.flags.contains(.excludeCallchainKernel))
        }
        #expect(plan.samplesKernelAddresses)
    }

    @Test func aFilterHidesNothingFromThePhases() throws {
        let plan = try plan {
            $0.tracepoints = ["syscalls:sys_enter_execve"]
            $0.filter = "common_pid == 1"
        }
        let events = plan.events.filter { $0.name == "syscalls:sys_enter_execve" }
        #expect(events.map(\.filter) == [nil, "common_pid == 1"])
        #expect(events.map(\.isAsked) == [false, true])
    }

    @Test(arguments: [
        "nosuch:thing", "thing", "a:b:c", "../../etc:passwd", "a:b/c", ":x", "x:", "syscalls:sys_enter_*",
    ])
    func unknownTracepoints(name: String) {
        #expect(throws: RecordingError.unknownTracepoint(name)) {
            _ = try plan { $0.tracepoints = [name] }
        }
    }

    @Test func samples() throws {
        let plan = try plan { $0.sampleFrequency = 997 }
        let clock = try event("cpu-clock", in: plan).attributes
        #expect(clock.type == 1 && clock.config == 0 && clock.samplePeriod == 997)
        #expect(clock.flags.isSuperset(of: [.frequency, .excludeIdle]))
        #expect(clock.sampleType == [.identifier, .threadID, .time, .cpu, .instructionPointer, .period, .callchain])
        #expect(plan.samplesKernelAddresses)
    }

    /// What a call leads to ends before it does.
    @Test(arguments: [
        ("task:task_newtask", "syscalls:sys_enter_clone"), ("task:task_newtask", "syscalls:sys_enter_vfork"),
        ("sched:sched_process_exec", "syscalls:sys_enter_execve"),
        ("sched:sched_process_exec", "syscalls:sys_exit_execveat"),
        ("sched:sched_process_exit", "syscalls:sys_enter_exit_group"),
        ("sched:sched_process_exit", "signal:signal_deliver"), ("sched:sched_process_exit", "signal:signal_generate"),
        ("syscalls:sys_exit_clone", "syscalls:sys_enter_clone"),
        ("syscalls:sys_enter_exit_group", "syscalls:sys_exit_execve"),
        ("syscalls:sys_exit_execve", "syscalls:sys_enter_execve"),
    ])
    func eventsEndBeforeWhatTheyFollow(first: String, then: String) throws {
        let plan = try plan()
        let order = plan.orderOfDisabling
        #expect(order.sorted() == Array(plan.events.indices))
        func place(_ name: String) throws -> Int {
            let index = try #require(plan.events.firstIndex { $0.name == name })
            return try #require(order.firstIndex(of: index))
        }
        #expect(try place(first) < place(then))
    }

    @Test func eventsThatAUserNamesEndOnce() throws {
        let plan = try plan {
            $0.sampleFrequency = 99
            $0.tracepoints = ["sched:sched_switch", "syscalls:sys_enter_clone"]
        }
        #expect(plan.orderOfDisabling.sorted() == Array(plan.events.indices))
        #expect(EventPlan().orderOfDisabling.isEmpty)
    }
}
