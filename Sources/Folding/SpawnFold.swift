internal import PerfData
internal import PerfRecords
package import Profiles
internal import Replay
package import Session
internal import SpawnModel
internal import SpawnStatistics
internal import Symbolication

/// Folds a session's spawns, or the CPU samples of its workload, into a call tree of the requested parts.
package struct SpawnFold {
    package struct Options: Hashable, Sendable {
        package var parts: [FramePart]
        /// A weight of spawns, or `.samples` or `.period` of the events that are not tracepoints.
        package var weight: Weight
        /// Whether inlined functions are frames.
        package var showsInlined: Bool
        package init(parts: [FramePart], weight: Weight, showsInlined: Bool = false) {
            self.parts = parts
            self.weight = weight
            self.showsInlined = showsInlined
        }
    }

    package private(set) var tree = CallTree()
    package private(set) var notes = FoldNotes()
    package var names: NameTable { walk.names }

    private let options: Options
    private let session: Session
    private var walk: SpawnWalk
    private var held = HeldSamples()
    private let unknown: NameTable.ID
    private let phaseNames: [NameTable.ID]

    package init(_ session: Session, _ options: Options) {
        self.options = options
        self.session = session
        walk = SpawnWalk(
            session, wantsSites: options.parts.contains(.callsite), showsInlined: options.showsInlined,
            wantsKernel: options.parts.contains(.kernel))
        unknown = walk.names.intern("[unknown]")
        var phaseNames: [NameTable.ID] = []
        for phase in Phase.allCases { phaseNames.append(walk.names.intern(phase.name)) }
        self.phaseNames = phaseNames
        run()
    }

    private mutating func run() {
        session.file.forEachRecord { record, position in
            do throws(RecordError) {
                switch try walk.take(record, position) {
                case .change(let change):
                    if case .forked(let task) = change { held.forget(task.pid) }
                    drain()
                case .event: drain()
                case .ofExecution:
                    if !options.weight.isOfSpawns { try addSample(record, position, walk.shapes[position.event]) }
                case .nothing: break
                }
            } catch {
                notes.undecodedRecords += 1
            }
        }
        walk.finish()
        drain()
        let replay = walk.replay
        notes.lostEvents = session.lostEvents(byRecords: replay.lostEvents)
        notes.brokenUnwindTables = replay.symbolizer?.brokenUnwindTables ?? []
        notes.otherFiles = replay.symbolizer?.otherFiles ?? []
        notes.imageNotes = replay.symbolizer?.imageNotes ?? []
        notes.undecodedRecords += replay.undecodedRecords
        if options.weight.isOfSpawns {
            notes.truncatedStacks = walk.sites.truncatedStacks
            notes.truncations = walk.sites.truncations
        }
    }

    // MARK: - Spawns

    private mutating func drain() {
        _ = walk.takeFailures()
        for spawn in walk.takeEnded() {
            let programs = (spawn.mark.map { [$0] } ?? spawn.programs).map { walk.names.intern($0) }
            guard options.weight.isOfSpawns else {
                for (stack, weight) in held.end(spawn, programs: programs) {
                    // What ran before the first exec counts for its program, not for later ones.
                    var node = descend(stack.outer, Array(programs.prefix(1)), .program)
                    for frame in stack.inner { node = tree.child(of: node, named: frame.name, frame.layer) }
                    add(weight, at: node)
                }
                continue
            }
            notes.counted += 1
            add(spawn, programs)
        }
    }

    private mutating func add(_ spawn: Spawn, _ programs: [NameTable.ID]) {
        guard let weight = options.weight.value(of: spawn) else {
            if options.weight.isMissing(in: spawn) { notes.spawnsWithoutWeight += 1 }
            return
        }
        guard options.parts.contains(.phase) else {
            add(weight, at: descend(spawn, programs, phase: nil))
            return
        }
        var rest = weight
        let phases = spawn.phases
        for phase in options.weight.phases {
            guard let duration = phases[phase], duration <= rest else { continue }
            rest -= duration
            add(duration, at: descend(spawn, programs, phase: phaseNames[phase.rawValue]))
        }
        // The spawn's start and end are known, but not everything in between.
        if rest > 0 { add(rest, at: descend(spawn, programs, phase: unknown)) }
    }

    private mutating func descend(_ spawn: Spawn, _ programs: [NameTable.ID], phase: NameTable.ID?) -> CallTree.Node {
        var node = CallTree.root
        for part in options.parts {
            switch part {
            case .ancestry: node = descend(node, walk.ancestry(spawn.ancestry), .ancestry)
            case .callsite: node = descend(node, walk.sites[spawn.callSite], .callsite)
            case .program: node = descend(node, programs, .program)
            case .phase: if let phase { node = tree.child(of: node, named: phase, .phase) }
            case .container, .unit: node = tree.child(of: node, named: groupName(spawn.group, part), .group)
            case .user, .kernel: break
            }
        }
        return node
    }

    private mutating func groupName(_ group: UInt64?, _ part: FramePart) -> NameTable.ID {
        guard let name = walk.groups[group] else { return unknown }
        let isUnit = part == .unit
        let text = isUnit ? name.unit : name.container.map(GroupTable.Key.short)
        return walk.names.intern(text ?? (isUnit ? "[no unit]" : "[no container]"))
    }

    // MARK: - Samples

    /// The place of a sample's process in the lineage. `programs`: those that it has executed so far; `nil` while it
    /// may still execute its first.
    private struct Owner {
        var ancestry: AncestryTable.Node
        var callSite: UInt32?
        var programs: [NameTable.ID]?
        var group: UInt64?
    }

    private mutating func owner(of process: Int32) -> Owner? {
        if let state = walk.lineage.tracker.process(process) {
            var programs = state.program.map { [walk.names.intern($0)] } ?? (state.isSpawn ? nil : [unknown])
            for program in state.laterPrograms { programs?.append(walk.names.intern(program)) }
            return Owner(
                ancestry: state.ancestry, callSite: state.callSite, programs: programs, group: state.group)
        }
        // A process runs on for a while after its exit event, while its memory is torn down.
        if let (spawn, programs) = held.ended(process) {
            return Owner(
                ancestry: spawn.ancestry, callSite: spawn.callSite, programs: programs, group: spawn.group)
        }
        guard walk.lineage.tracker.isInLineage(process) else { return nil }
        return Owner(ancestry: AncestryTable.root, callSite: nil, programs: [unknown])
    }

    private mutating func addSample(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position, _ shape: EventShape
    ) throws(RecordError) {
        let sample = try Sample(decoding: record, layout: shape.layout)
        guard let owner = owner(of: sample.pid) else { return }
        let mode = position.header.misc.cpuMode
        if walk.stacks.hasStack(sample) {
            walk.stacks.read(record, sample, shape, mode: mode, into: &walk.names)
        } else {
            walk.stacks.readAddress(
                sample.instructionPointer, mode == .kernel ? .kernel : .user, process: sample.pid, into: &walk.names)
        }
        notes.counted += 1
        if walk.stacks.isTruncated, options.parts.contains(.user) { notes.countTruncated(walk.stacks.end) }
        let weight = options.weight == .period ? shape.period(of: sample) : 1
        guard owner.programs == nil, let place = options.parts.firstIndex(of: .program) else {
            add(weight, at: descend(CallTree.root, options.parts[...], owner))
            return
        }
        let outer = descend(CallTree.root, options.parts[..<place], owner)
        // The rest waits for the program's name, as a stack of its own that its names identify.
        held.add(weight, of: sample.pid, outer: outer, inner: framesOf(options.parts[(place + 1)...], owner))
    }

    private mutating func descend(_ start: CallTree.Node, _ parts: ArraySlice<FramePart>, _ owner: Owner)
        -> CallTree.Node
    {
        var node = start
        for part in parts {
            switch part {
            case .ancestry: node = descend(node, walk.ancestry(owner.ancestry), .ancestry)
            case .callsite: node = descend(node, walk.sites[owner.callSite], .callsite)
            case .program: node = descend(node, owner.programs ?? [unknown], .program)
            // A sample has no duration.
            case .phase: break
            case .container, .unit: node = tree.child(of: node, named: groupName(owner.group, part), .group)
            case .user:
                if walk.stacks.isTruncated { node = tree.child(of: node, named: walk.truncated, .user) }
                node = descendFrames(node, walk.stacks.kernelCount..<walk.stacks.names.count, .user)
            case .kernel: node = descendFrames(node, 0..<walk.stacks.kernelCount, .kernel)
            }
        }
        return node
    }

    private mutating func framesOf(_ parts: ArraySlice<FramePart>, _ owner: Owner) -> [HeldSamples.Frame] {
        var path: [HeldSamples.Frame] = []
        func append(_ names: some Sequence<NameTable.ID>, _ layer: FrameLayer) {
            for name in names { path.append(HeldSamples.Frame(name: name, layer: layer)) }
        }
        for part in parts {
            switch part {
            case .ancestry: append(walk.ancestry(owner.ancestry), .ancestry)
            case .callsite: append(walk.sites[owner.callSite], .callsite)
            case .program: append(owner.programs ?? [unknown], .program)
            case .phase: break
            case .container, .unit: append([groupName(owner.group, part)], .group)
            case .user:
                if walk.stacks.isTruncated { append([walk.truncated], .user) }
                append(walk.stacks.names[walk.stacks.kernelCount...].reversed(), .user)
            case .kernel: append(walk.stacks.names[..<walk.stacks.kernelCount].reversed(), .kernel)
            }
        }
        return path
    }

    // MARK: - The tree

    /// A stack about which nothing is known becomes one unknown frame, so that the lines add up to what was counted.
    private mutating func add(_ weight: UInt64, at node: CallTree.Node) {
        tree.add(weight, at: node == CallTree.root ? tree.child(of: CallTree.root, named: unknown) : node)
    }

    private mutating func descend(
        _ start: CallTree.Node, _ path: [NameTable.ID], _ layer: FrameLayer
    ) -> CallTree.Node {
        var node = start
        for name in path { node = tree.child(of: node, named: name, layer) }
        return node
    }

    private mutating func descendFrames(
        _ start: CallTree.Node, _ frames: Range<Int>, _ layer: FrameLayer
    ) -> CallTree.Node {
        var node = start
        for index in frames.reversed() { node = tree.child(of: node, named: walk.stacks.names[index], layer) }
        return node
    }
}
