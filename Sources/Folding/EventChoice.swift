internal import PerfData

/// Which events of a file a name means that somebody typed.
struct EventChoice {
    /// By event.
    let isChosen: [Bool]

    /// The event of that name; else those that some version of perf prints so, in whatever order the modifiers are written; else all whose
    /// name it is without modifiers. `nil` where there are none.
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

    /// `cycles` and `P` of `cycles:P`, but all of `sched:sched_switch`; the modifiers in alphabetical order.
    private static func parts(_ name: String) -> (base: Substring, modifiers: [Character]) {
        guard let colon = name.lastIndex(of: ":") else { return (name[...], []) }
        let modifiers = name[name.index(after: colon)...]
        guard modifiers.allSatisfy({ "ukhpPGHSDIeWb".contains($0) }) else { return (name[...], []) }
        return (name[..<colon], modifiers.sorted())
    }
}
