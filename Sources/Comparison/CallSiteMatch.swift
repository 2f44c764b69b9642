/// Gives call sites of the two sides the same key where they are the same but for the spawner's name, which a renamed program
/// changes: what is left on each side alone, and has functions that no other left one of its side has.
enum CallSiteMatch {
    /// By key of the head: that of the base.
    static func renamed(base: Set<CallSiteKey>, head: Set<CallSiteKey>) -> [CallSiteKey: CallSiteKey] {
        let alone = unique(base.subtracting(head))
        var names: [CallSiteKey: CallSiteKey] = [:]
        for (frames, key) in unique(head.subtracting(base)) {
            if let other = alone[frames] { names[key] = other }
        }
        return names
    }

    private static func unique(_ keys: Set<CallSiteKey>) -> [[String]: CallSiteKey] {
        Dictionary(grouping: keys) { $0.frames }.compactMapValues { $0.count == 1 ? $0.first : nil }
            .filter { !$0.key.isEmpty }
    }
}
