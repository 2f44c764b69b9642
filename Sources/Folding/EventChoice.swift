internal import PerfData

/// The events of a file that a name typed by the user means.
struct EventChoice {
    /// By event of the file.
    let isChosen: [Bool]

    /// Chooses the events of that name; otherwise those that some version of perf prints so, with the modifiers in any
    /// order; otherwise all that have the name apart from modifiers. `nil` if there are none.
    init?(_ wanted: String, among events: [RecordedEvent]) {
        let (wantedBase, wantedModifiers) = Self.parts(wanted)
        let steps: [(RecordedEvent) -> Bool] = [
            { $0.name == wanted || $0.recorderName == wanted },
            { event in
                ([event.name] + event.attributes.conventionalNames).contains { name in
                    if name == wanted { return true }
                    let (base, modifiers) = Self.parts(name)
                    return !modifiers.isEmpty && base == wantedBase && modifiers == wantedModifiers
                }
            },
            { Self.parts($0.name).base == wanted || Self.parts($0.attributes.conventionalName).base == wanted },
        ]
        for isMeant in steps {
            let isChosen = events.map(isMeant)
            guard !isChosen.contains(true) else {
                self.isChosen = isChosen
                return
            }
        }
        return nil
    }

    /// `cycles` and `P` for `cycles:P`, but all of `sched:sched_switch`; the modifiers are in alphabetical order.
    private static func parts(_ name: String) -> (base: Substring, modifiers: [Character]) {
        guard let colon = name.lastIndex(of: ":") else { return (name[...], []) }
        let modifiers = name[name.index(after: colon)...]
        guard modifiers.allSatisfy({ "ukhpPGHSDIeWb".contains($0) }) else { return (name[...], []) }
        return (name[..<colon], modifiers.sorted())
    }
}
