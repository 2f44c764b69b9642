import Glibc
import LinuxSystem
import PerfData
import KernelPrograms
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

        let cpus = OnlineCPUs.read()
        DescriptorLimit.raise(to: 100 * cpus.count + 2 * ForeignRoots.most + HeldFile.most + 64)
        let machine = Result { () throws(RecordingError) in try MachineEvents(cpus: cpus) }
        let source: any RecordSource
        switch (options.recorder, machine) {
        case (.traced, _), (.inherited, _), (nil, .failure), (.joined, .failure):
            source = try UnprivilegedChoice(options: options, cpus: cpus, root: child?.pid).source(insteadOf: machine)
        case (_, let machine):
            let machine = try machine.get()
            source = try SourceChoice(
                options: options, features: machine.features, tracing: machine.tracing, images: images, cpus: cpus
            ).source(workload)
        }
        var rootWatch: RootWatch?
        if source.kind == .events || source.kind == .joined, !options.leavesOutSystemCalls,
            case .success(let machine) = machine
        {
            rootWatch = RootWatch(
                workload: workload, cpus: cpus, features: machine.features, describe: machine.tracing.describe)
        }

        var options = options
        options.ringSize = source.ringSize
        let start = Clock.both()
        var random = SystemRandomNumberGenerator()
        let started = StartedSession(
            id: SessionID(time: start.wall, using: &random), recorder: source.kind,
            options: options, plan: source.plan, ids: source.ids, machine: Machine(), rootPID: child?.pid,
            roots: workload.roots(), startMonotonic: start.monotonic, startWall: start.wall, recorderPID: getpid())
        let starting = try StartingFeatures(started, tracing: try? machine.get().tracing)
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
}

/// What recording needs of the kernel's events: both need rights.
struct MachineEvents {
    let features: KernelFeatures
    let tracing: TracingDirectory

    /// Before tracefs: without the right to open events, tracefs is mostly unreadable too, but the former is the reason.
    init(cpus: [Int32]) throws(RecordingError) {
        features = try KernelFeatures.probe(cpu: cpus.first ?? 0)
        tracing = try TracingDirectory.find()
    }
}
