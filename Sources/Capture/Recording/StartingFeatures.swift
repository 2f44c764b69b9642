import Glibc
import PerfData
import PerfRecords
import Session

/// The events and features that a session has before its first record.
struct StartingFeatures {
    let events: [SessionWriter.Event]
    let features: [SessionWriter.Feature]

    /// `tracing`: `nil` where the recorder needs nothing of it and may not read it.
    init(_ started: StartedSession, tracing: TracingDirectory?) throws(RecordingError) {
        let plan = started.plan
        events = plan.events.enumerated().map { index, event in
            SessionWriter.Event(name: event.name, attributes: event.attributes, ids: started.ids[index])
        }
        var formats: [TracingDataEncoding.Event] = []
        var known: Set<TracepointName> = []
        for event in plan.events {
            guard let name = event.tracepoint, let description = event.description, known.insert(name).inserted else {
                continue
            }
            formats.append(TracingDataEncoding.Event(system: name.system, format: description.text))
        }
        var tracingData = TracingDataEncoding(
            headerPage: try tracing?.read("events/header_page") ?? Self.headerPage,
            headerEvent: try tracing?.read("events/header_event") ?? Self.headerEvent,
            pageSize: started.machine.pageSize, events: formats)
        // Strings that a print format refers to by address. Only root can read them, and few formats need them.
        if plan.events.contains(where: { $0.isAsked && $0.tracepoint != nil }) {
            tracingData.printkFormats = (try? tracing?.read("printk_formats")) ?? []
        }

        typealias Bit = FeatureEncoding.Bit
        let machine = started.machine
        let clock = FeatureEncoding.clockData(
            clockID: CLOCK_MONOTONIC, wallClock: started.startWall, clock: started.startMonotonic)
        let cpus = FeatureEncoding.cpuCount(available: machine.configuredCPUs, online: machine.onlineCPUs)
        features = [
            SessionWriter.Feature(Bit.tracingData, tracingData.encoded()),
            SessionWriter.Feature(Bit.hostName, FeatureEncoding.string(machine.hostName)),
            SessionWriter.Feature(Bit.osRelease, FeatureEncoding.string(machine.release)),
            SessionWriter.Feature(Bit.version, FeatureEncoding.string(started.options.toolVersion)),
            SessionWriter.Feature(Bit.architecture, FeatureEncoding.string(machine.architecture)),
            SessionWriter.Feature(Bit.cpuCount, cpus),
            SessionWriter.Feature(Bit.cpuDescription, FeatureEncoding.string(machine.processor)),
            SessionWriter.Feature(Bit.commandLine, FeatureEncoding.strings(started.options.commandLine)),
            SessionWriter.Feature(Bit.eventDescription, FeatureEncoding.eventDescription(events)),
            SessionWriter.Feature(Bit.clockID, FeatureEncoding.clockResolution(Clock.resolution)),
            SessionWriter.Feature(Bit.clockData, clock),
            SessionWriter.Feature(Feature.session.rawValue, started.metadata().encoded()),
        ]
    }

    /// How ftrace's own ring buffer is laid out, which readers of these sessions want to have and do not use: as 64-bit
    /// kernels with pages of 4 KiB describe it.
    private static let headerPage = Array(
        """
        \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
        \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
        \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
        \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;

        """.utf8)
    private static let headerEvent = Array(
        """
        # compressed entry header
        \ttype_len    :    5 bits
        \ttime_delta  :   27 bits
        \tarray       :   32 bits

        \tpadding     : type == 29
        \ttime_extend : type == 30
        \ttime_stamp : type == 31
        \tdata max type_len  == 28

        """.utf8)
}
