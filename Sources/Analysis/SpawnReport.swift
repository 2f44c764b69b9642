internal import ByteAccess
internal import PerfData
internal import PerfRecords
internal import Presentation
internal import Profiles
internal import Replay
internal import Reports
package import Session
internal import SpawnModel
package import SpawnStatistics
internal import Symbolication

/// Walks a session and adds its spawns up into a report. What a spawn's own value lacks is observed on the way.
package struct SpawnReport {
    package private(set) var report: Report
    /// Records that could not be decoded.
    package private(set) var undecodedRecords = 0
    /// Paths of files that are not the recorded ones, and so provide no names.
    package private(set) var otherFiles: [String] = []
    /// What is wrong with files that should have names, one line each.
    package private(set) var imageNotes: [String] = []
    /// Whether the session can show creations at all.
    package private(set) var hasSpawnEvents: Bool

    /// The events that are counted, and for each event of the file its index among them.
    private var events: [EventCount] = []
    private var eventPlaces: [Int?] = []
    private let file: PerfDataFile
    private var walk: SpawnWalk
    private var spawns: SpawnAggregate
    private var facts: SessionFacts
    /// Observations of living processes of the workload.
    private var observations: [Int32: SpawnObservations] = [:]
    /// Observations of ended processes that were not spawns.
    private var roots = SpawnObservations()
    private var chains: [AncestryTable.Node: [String]] = [:]
    /// The times of the first and the latest event, in nanoseconds.
    private var start: UInt64?
    private var now: UInt64 = 0

    /// - Parameters:
    ///   - wantsLines: whether call sites in the report have the lines of their frames.
    ///   - showsInlined: whether inlined functions are frames of call sites.
    ///   - onSpawn: is called with each selected spawn, in the order of completion, until it returns false.
    package init(
        _ session: Session, selection: SpawnSelection = SpawnSelection(),
        wantsLines: Bool = false, showsInlined: Bool = false,
        onSpawn: (ReportedSpawn) -> Bool = { _ in true }
    ) {
        let (file, metadata) = (session.file, session.metadata)
        self.file = file
        walk = SpawnWalk(
            session, wantsSites: true, wantsLines: wantsLines, showsInlined: showsInlined)
        spawns = SpawnAggregate(selection: selection)
        start = Self.startsWithCommand(metadata) ? nil : metadata?.start
        facts = SessionFacts(session)
        let decoded = walk.lineage.decodedEvents
        for event in file.events {
            let isAsked =
                ProbeEvent.isProbe(name: event.name, type: event.attributes.type)
                || (metadata.map { $0.options?.tracepoints?.contains(event.name) ?? false }
                    ?? (event.tracepoint != nil && !decoded.contains(event.name)))
            eventPlaces.append(isAsked ? events.count : nil)
            if isAsked { events.append(EventCount(name: event.name)) }
        }
        if let start { spawns.start(at: start) }
        hasSpawnEvents = metadata != nil || walk.lineage.decoder.hasCreations
        report = Report(facts: facts, spawns: spawns)
        run(startsWithCommand: Self.startsWithCommand(metadata), onSpawn)
        facts.lost = session.lostEvents(byRecords: walk.replay.lostEvents)
        facts.isCut = facts.isCut || file.damage != nil
        facts.unfollowed = walk.lineage.tracker.totals.unknown[.afterExec]
        report = Report(facts: facts, spawns: spawns, events: events)
        undecodedRecords += walk.replay.undecodedRecords
        otherFiles = walk.replay.symbolizer?.otherFiles ?? []
        imageNotes = walk.replay.symbolizer?.imageNotes ?? []
    }

    /// The time of a session with a COMMAND counts from the first thing that COMMAND's process did.
    private static func startsWithCommand(_ metadata: SessionMetadata?) -> Bool {
        metadata?.rootPID != nil && (metadata?.target?.word ?? .command) == .command
    }

    private mutating func run(startsWithCommand: Bool, _ onSpawn: (ReportedSpawn) -> Bool) {
        var isWanted = true
        var forks = 0
        file.forEachRecord { record, position in
            if position.time < .max { now = max(now, position.time) }
            if position.header.type == .sample {
                guard !walk.isForeign(record, position) else { return }
                facts.events += 1
                if !startsWithCommand { setStart(position.time) }
                count(record, position)
            }
            do throws(RecordError) {
                let step = try walk.take(record, position)
                switch step {
                case .change(.forked(let task)):
                    if task.pid != task.parentPID { forks += 1 }
                    drain(&isWanted, onSpawn)
                case .change(.exited(let task)):
                    drain(&isWanted, onSpawn)
                    forgetEnded(task.pid)
                case .change: drain(&isWanted, onSpawn)
                case .event(let event):
                    setStart(event.time)
                    observe(event)
                    drain(&isWanted, onSpawn)
                    if case .threadExited = event.kind { forgetEnded(event.process) }
                case .ofExecution: try observeSample(record, position)
                case .nothing: break
                }
            } catch {
                undecodedRecords += 1
            }
        }
        walk.finish()
        drain(&isWanted, onSpawn)
        for (_, observed) in observations.sorted(by: { $0.key < $1.key }) { roots.addFailures(of: observed) }
        spawns.setLines { walk.sites.lines(of: $0, walk.stacks.lineTable) }
        spawns.finish(walk.lineage.tracker.totals, roots: roots)
        if forks > 0, spawns.totals.spawns > 0 { hasSpawnEvents = true }
        facts.coverage = EventCoverage(
            eventNames: walk.lineage.decodedEvents, hasForkRecords: forks > 0 || walk.lineage.tellsTasks,
            tellsMappings: walk.lineage.tellsMappings)
        if facts.duration == nil, let start, now > start { facts.duration = now - start }
        facts.stacks = walk.sites.stacks
        facts.truncatedStacks = walk.sites.truncatedStacks
    }

    private mutating func setStart(_ time: UInt64) {
        guard start == nil else { return }
        start = time
        spawns.start(at: time)
    }

    /// Counts a requested event in a process of the workload.
    private mutating func count(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        guard let place = eventPlaces[position.event],
            let pid = record.load(Int32.self, at: walk.shapes[position.event].layout.sampleThreadOffset),
            let process = walk.lineage.tracker.process(pid)
        else { return }
        events[place].add(process.phase)
        if process.isSpawn { observations[pid, default: SpawnObservations()].addEvent(place, of: events.count) }
    }

    // MARK: - What is observed

    private mutating func observe(_ event: LifecycleEvent) {
        guard case .executed = event.kind, walk.lineage.tracker.process(event.process)?.isSpawn == true else { return }
        observations[event.process, default: SpawnObservations()].addExec()
    }

    /// CPU samples matter only while a spawn prepares for its exec; the stacks of all others are not read.
    private mutating func observeSample(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position
    ) throws(RecordError) {
        let shape = walk.shapes[position.event]
        guard let pid = record.load(Int32.self, at: shape.layout.sampleThreadOffset),
            let process = walk.lineage.tracker.process(pid), process.isSpawn, process.isPreparing
        else { return }
        let sample = try Sample(decoding: record, layout: shape.layout)
        let mode = position.header.misc.cpuMode
        if walk.stacks.hasStack(sample) {
            walk.stacks.read(record, sample, shape, mode: mode, into: &walk.names)
        } else {
            walk.stacks.readAddress(
                sample.instructionPointer, mode == .kernel ? .kernel : .user, process: pid, into: &walk.names)
        }
        observations[pid, default: SpawnObservations()].addSample(
            isClosing: ClosingFunction.isInnermost(in: walk.stacks, walk.names))
    }

    /// Takes over the observations of an ended process that was not a spawn; those of spawns are taken in `drain`.
    private mutating func forgetEnded(_ process: Int32) {
        guard walk.lineage.tracker.process(process) == nil else { return }
        if let observed = observations.removeValue(forKey: process) { roots.addFailures(of: observed) }
    }

    // MARK: - Spawns

    private mutating func drain(_ isWanted: inout Bool, _ onSpawn: (ReportedSpawn) -> Bool) {
        for failed in walk.takeFailures() {
            observations[failed.process, default: SpawnObservations()].addFailure(failed.failure, failed.count)
        }
        for spawn in walk.takeEnded() {
            let observed = observations.removeValue(forKey: spawn.pid) ?? SpawnObservations()
            let ancestry = names(of: spawn.ancestry)
            let place = spawns.place(ofCallSite: spawn.callSite, comm: ancestry.last ?? "") {
                walk.sites[spawn.callSite].map { walk.names[$0] }
            }
            let group = walk.groups[spawn.group]
            let isSelected = spawns.add(spawn, observed, callSite: place, group: group, sessionEnd: now)
            guard isSelected, isWanted else { continue }
            let counts = zip(events, observed.events).lazy.filter { $1 > 0 }.map { (name: $0.name, count: $1) }
            isWanted = onSpawn(
                ReportedSpawn(
                    spawn, callSite: spawns.callSites[place], ancestry: ancestry, group: group, events: Array(counts)))
        }
    }

    /// The last name of the chain is that of the spawner when it created the spawn.
    private mutating func names(of chain: AncestryTable.Node) -> [String] {
        if let known = chains[chain] { return known }
        let names = walk.lineage.tracker.ancestry.names(of: chain)
        chains[chain] = names
        return names
    }
}

extension SpawnReport {
    /// The workload's argv. Stock perf records only its own command line, where the workload's may follow a `--`.
    static func command(_ session: Session) -> [String] {
        let words = session.file.description.commandLine
        return session.metadata.map { $0.command ?? [] } ?? words.firstIndex(of: "--").map { Array(words[($0 + 1)...]) }
            ?? []
    }
}

extension SessionFacts {
    /// Takes what the file says about itself; the rest is found on the walk.
    fileprivate init(_ session: Session) {
        self.init()
        let description = session.file.description
        // Older versions, and perf, recorded secrets that this version hides.
        command = Secrets.hidden(in: SpawnReport.command(session))
        duration = session.metadata?.end?.duration
        // A recorder that was killed wrote no end.
        isCut = session.metadata.map { $0.end == nil || $0.end?.isCut == true } ?? false
        kernel = description.osRelease
        machine = description.architecture
        toolVersion = description.toolVersion
        origin = SessionOrigin(session)
    }
}
