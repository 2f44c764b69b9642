import Glibc
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// What recording needs to know of ELF files.
package struct ImageReader {
    /// The build ID of the file at a path.
    package var buildID: (_ path: String) -> [UInt8]?
    /// The file offset of a dynamic function symbol in the file at a path.
    package var symbolOffset: (_ path: String, _ symbol: String) -> UInt64?
    /// The file offset of any function in the file at a path, by its symbol's name or its demangled name.
    package var functionOffset: (_ path: String, _ function: String) -> UInt64?
    /// The function in the file whose name is closest to one that the file lacks.
    package var nearestFunction: (_ path: String, _ function: String) -> String?

    package init(
        buildID: @escaping (_ path: String) -> [UInt8]?,
        symbolOffset: @escaping (_ path: String, _ symbol: String) -> UInt64?,
        functionOffset: @escaping (_ path: String, _ function: String) -> UInt64?,
        nearestFunction: @escaping (_ path: String, _ function: String) -> String? = { _, _ in nil }
    ) {
        self.buildID = buildID
        self.symbolOffset = symbolOffset
        self.functionOffset = functionOffset
        self.nearestFunction = nearestFunction
    }
}

/// Records a command, running processes or the machine into a session.
package enum Recorder {
    /// Opens every event, runs the command if there is one, and writes the kernel's records until the recording ends.
    ///
    /// `images` reads ELF files: for build IDs once recording has ended, and for the offsets of probes.
    ///
    /// Blocks SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE and SIGXFSZ in this thread and leaves them blocked. Forks, so
    /// the process must have one thread.
    package static func record(
        _ options: RecordingOptions, images: ImageReader
    ) throws(RecordingError) -> RecordingOutcome {
        try options.validate()
        // First of all, so that the workload inherits only what this process was started with, and no descriptor opened
        // below.
        var child: StoppedChild?
        if !options.command.isEmpty { child = try StoppedChild(command: options.command, as: options.user) }
        OwnedDescriptor.holdStandardStreams()
        let signals = try SignalDescriptor()
        let workload = try Workload(options.target)

        // Before tracefs: without the right to open events, tracefs is mostly unreadable too, but the former is the
        // reason.
        let cpus = OnlineCPUs.read()
        let features = try KernelFeatures.probe(cpu: cpus.first ?? 0)
        let tracing = try TracingDirectory.find()
        DescriptorLimit.raise(to: 100 * cpus.count + 2 * ForeignRoots.most + HeldFile.most + 64)
        let source: any RecordSource
        if options.recorder == .joined {
            source = try joined(options, features: features, tracing: tracing)
        } else {
            source = try events(options, workload, cpus: cpus, features, tracing, images)
        }
        let rootWatch =
            options.leavesOutSystemCalls
            ? nil : RootWatch(workload: workload, cpus: cpus, features: features, describe: tracing.describe)

        var options = options
        options.ringSize = source.ringSize
        let start = Clock.both()
        var random = SystemRandomNumberGenerator()
        let started = StartedSession(
            id: SessionID(time: start.wall, using: &random), recorder: source.kind,
            options: options, plan: source.plan, ids: source.ids, machine: Machine(), rootPID: child?.pid,
            roots: workload.roots(), startMonotonic: start.monotonic, startWall: start.wall, recorderPID: getpid())
        let starting = try StartingFeatures(started, tracing: tracing)
        var session: SessionWriter
        do throws(SessionWriteError) {
            session = try SessionWriter(path: options.output, events: starting.events, features: starting.features)
        } catch {
            throw .session(error)
        }
        var recording = Recording(
            source: source, rootWatch: rootWatch, started: started, child: child, images: images)
        do throws(RecordingError) {
            try recording.run(workload, signals: signals, session: &session)
        } catch {
            // A failure before the command ran leaves no session: the previous one is restored.
            session.discard()
            throw error
        }
        return recording.finish(session: session)
    }

    private static func events(
        _ options: RecordingOptions, _ workload: borrowing Workload, cpus: [Int32], _ features: KernelFeatures,
        _ tracing: TracingDirectory, _ images: ImageReader
    ) throws(RecordingError) -> OpenEvents {
        var plan = try EventPlan(options: options, features: features, describe: tracing.describe)
        var programs = BPFOutputs(
            cpus: cpus, systemCalls: !options.leavesOutSystemCalls, describe: tracing.describe)
        programs.add(to: &plan, features: features)
        if options.probesLink {
            if let probe = LinkProbe.breakpoint(symbolOffset: images.symbolOffset) {
                _ = plan.add(probe, name: LifecycleProbe.linked, features: features)
            } else {
                plan.notes.append(
                    "recorded without the dynamic linker's share: this machine's libc has no \(LinkProbe.symbol)")
            }
        }
        for probe in options.probes { plan.add(probe, options: options, features: features, images: images) }
        DescriptorLimit.raise(to: (plan.events.count + 4) * cpus.count + 2 * ForeignRoots.most + HeldFile.most + 64)
        let choices = RingSize.choices(options, cpus: cpus.count, memory: RingSize.memory)
        let events = try workload.open(plan, cpus: cpus, ringSizes: choices)
        programs.attach(to: events)
        events.notes += programs.notes
        return events
    }

    private static func joined(
        _ options: RecordingOptions, features: KernelFeatures, tracing: TracingDirectory
    ) throws(RecordingError) -> JoinedSource {
        do throws(BPFProgramError) {
            return try JoinedSource(
                options, features: features, ringSize: options.ringSize ?? JoinedSource.usualRingSize,
                id: { tracing.id($0) })
        } catch {
            throw .cannotJoin(
                reason: error.reason(
                    capabilities: Capabilities.effective.union(Privileges.available), kernel: Machine().version))
        }
    }
}
