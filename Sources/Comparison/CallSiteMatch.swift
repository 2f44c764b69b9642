/// Matches call sites that differ only in the spawner's name, which changes when a program is renamed. Only call sites
/// that exist on one side alone are matched, and only if no other such call site of that side has the same functions.
enum CallSiteMatch {
    /// Maps keys of the head to the matching keys of the base.
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
