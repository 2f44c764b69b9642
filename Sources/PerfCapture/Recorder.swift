import Glibc
import PerfData
import PerfRecords

/// Records one command into a session.
public enum Recorder {
    /// Runs the command with every event live and writes what the kernel says until the command, or the recording, ends.
    ///
    /// `buildID` reads the build ID of the ELF file at a path; it is asked about what the command had mapped when recording
    /// has ended.
    ///
    /// Blocks SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE and SIGXFSZ in this thread and leaves them blocked. Forks, so it is
    /// meant for a process with one thread.
    public static func record(
        _ options: RecordingOptions, buildID: (_ path: String) -> [UInt8]?
    ) throws(RecordingError) -> RecordingOutcome {
        try validate(options)
        // First of all: the workload inherits what this process was started with, and nothing that is opened for it.
        let child = try StoppedChild(command: options.command)
        holdStandardStreams()
        let signals = try SignalDescriptor()

        // Who may not open events may mostly not read tracefs either, but the former is the reason.
        let cpus = OnlineCPUs.read()
        let features = try KernelFeatures.probe(cpu: cpus.first ?? 0)
        let tracing = try TracingDirectory.find()
        var plan = try EventPlan(options: options, features: features, describe: tracing.describe)
        var programs =
            options.leavesOutSystemCalls ? BPFOutputs.none : BPFOutputs(cpus: cpus, describe: tracing.describe)
        programs.add(to: &plan, features: features)
        DescriptorLimit.raise(to: plan.events.count * cpus.count + 64)
        let events = try OpenEvents(plan: plan, cpus: cpus, ringSize: options.ringSize)
        programs.attach(to: events)
        plan.notes += programs.notes

        let metadata = SessionMetadata(
            options: options, plan: plan, ids: events.ids, machine: Machine(), rootPID: child.pid,
            startMonotonic: Clock.monotonic, startWall: Clock.wall, recorderPID: getpid())
        let starting = try StartingFeatures(metadata: metadata, tracing: tracing)
        var session: SessionWriter
        do throws(SessionWriteError) {
            session = try SessionWriter(path: options.output, events: starting.events, features: starting.features)
        } catch {
            throw .session(error)
        }
        let recording = Recording(events: events, metadata: metadata)
        let end: Recording.End
        do throws(RecordingError) {
            end = try recording.run(child: child, signals: signals, session: &session)
        } catch {
            // What failed before the command ran is no session: the one before it stays.
            session.discard()
            throw error
        }
        return recording.finish(end, session: session, buildID: buildID)
    }

    private static func validate(_ options: RecordingOptions) throws(RecordingError) {
        guard !options.commandName.isEmpty else {
            throw .usage("no command: put it after --, as in spawnscope record -- ls -l")
        }
        if options.output == "-" {
            throw .usage(
                "a session cannot go to standard output, its header is completed at the end: name a file with -o")
        }
        if options.output.isEmpty { throw .usage("-o needs the name of a file") }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = options.ringSize
        guard size >= page, size & (size - 1) == 0, size <= 1 << 30 else {
            throw .usage("--ring-size must be a power of two between \(page) bytes and 1G")
        }
        if let frequency = options.sampleFrequency {
            let limit = readNumber("/proc/sys/kernel/perf_event_max_sample_rate") ?? 100_000
            guard frequency > 0, frequency <= UInt64(clamping: limit) else {
                throw .usage("--sample must be 1 to \(limit) Hz (kernel.perf_event_max_sample_rate)")
            }
        }
        if options.tracepoints.isEmpty, options.filter != nil || options.callchains {
            throw .usage("--filter and -g belong to the tracepoints that -e names")
        }
    }

    /// Where the recorder was started with a standard stream closed, no file of its own may take its number.
    private static func holdStandardStreams() {
        while true {
            let number = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
            if number < 0 { return }
            if number > 2 {
                _ = close(number)
                return
            }
        }
    }
}
