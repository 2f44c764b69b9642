internal import Presentation
internal import Reports
package import Session
package import SpawnModel
package import SpawnStatistics

/// Adds spawns up by stack, for formats that have no place for single spawns. Memory grows with the distinct stacks.
package struct SpawnStacks: Sendable {
    /// The parts of a stack, outermost first.
    package enum Part: String, CaseIterable, Hashable, Sendable {
        case ancestry, callsite, program
    }

    package struct Labels: Hashable, Sendable {
        /// The paths of the spawn's execs, or its `Spawn.mark`.
        package var programs: [String]
        /// How the spawn was created; `nil` if the session does not tell.
        package var mechanism: CreationMethod?
        package var outcome: Spawn.Outcome
        /// Its control group, where it is known.
        package var group: ControlGroupName?
    }

    package struct Stack: Sendable {
        /// Indices into `names`, outermost first.
        package var frames: [Int32]
        package var labels: Labels
        package internal(set) var values = SpawnValues()
    }

    private struct Key: Hashable {
        var ancestry: Int32
        var callSite: Int
        var labels: Labels
    }

    package private(set) var stacks: [Stack] = []
    package private(set) var names: [String] = []
    package private(set) var totals = SpawnValues()
    /// For each weight, the number of spawns that should have a value but whose value is unknown.
    package private(set) var unknown = SpawnValues()

    private let parts: [Part]
    private var places: [Key: Int] = [:]
    private var numbers: [String: Int32] = [:]
    private var chains: [[String]: Int32] = [:]

    package init(parts: [Part] = Part.allCases) { self.parts = parts }

    package mutating func add(_ reported: ReportedSpawn) {
        let (spawn, callSite) = (reported.spawn, reported.callSite)
        let programs = spawn.mark.map { [$0] } ?? spawn.programs
        let key = Key(
            ancestry: number(of: reported.ancestry), callSite: callSite.id,
            labels: Labels(
                programs: programs, mechanism: spawn.method, outcome: spawn.outcome, group: reported.group))
        var values = SpawnValues()
        values.add(spawn, unknown: &unknown)
        totals.add(values)
        let place = places[key] ?? insert(key, callSite, reported.ancestry)
        stacks[place].values.add(values)
    }

    /// One line for each weight that is unknown for some spawns, with their number.
    var unknownLines: [String] {
        SpawnWeight.allCases.enumerated().compactMap { index, weight in
            let spawns = unknown[index]
            return spawns > 0
                ? "\(weight.name) is not known of \(spawns) spawn\(spawns == 1 ? "" : "s"), which add 0" : nil
        }
    }

    private mutating func insert(_ key: Key, _ callSite: CallSite, _ ancestry: [String]) -> Int {
        var frames: [Int32] = []
        for part in parts {
            switch part {
            case .ancestry: for name in ancestry { frames.append(number(ofName: name)) }
            case .callsite: for name in callSite.stack { frames.append(number(ofName: name)) }
            case .program: for path in key.labels.programs { frames.append(number(ofName: path)) }
            }
        }
        // A stack without any known frame is one unknown frame, as in a fold.
        if frames.isEmpty { frames.append(number(ofName: "[unknown]")) }
        stacks.append(Stack(frames: frames, labels: key.labels))
        places[key] = stacks.count - 1
        return stacks.count - 1
    }

    private mutating func number(of chain: [String]) -> Int32 {
        if let number = chains[chain] { return number }
        let number = Int32(truncatingIfNeeded: chains.count)
        chains[chain] = number
        return number
    }

    private mutating func number(ofName name: String) -> Int32 {
        // Names are escaped, since the readers of these formats show them unchanged.
        let name = ForeignText.shown(name)
        if let number = numbers[name] { return number }
        let number = Int32(truncatingIfNeeded: names.count)
        numbers[name] = number
        names.append(name)
        return number
    }
}
