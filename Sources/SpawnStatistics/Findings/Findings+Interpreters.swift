internal import Presentation
internal import SpawnModel

extension Report {
    /// One finding for each language. If less than a tenth of the spawns are concerned, other call sites matter more.
    var unnamedFunctions: [Finding] {
        var sites: [Interpreter: [CallSite]] = [:]
        for site in spawns.callSites where site.spawns > 0 {
            guard let interpreter = Interpreter(of: site.stack), interpreter.remedy != nil,
                !site.stack.contains(where: interpreter.isFunction)
            else { continue }
            sites[interpreter, default: []].append(site)
        }
        let total = spawns.callSites.reduce(0) { $0 + $1.spawns }
        return sites.compactMap { interpreter, sites -> Finding? in
            let count = sites.reduce(0) { $0 + $1.spawns }
            guard count >= total / 10, let remedy = interpreter.remedy,
                let site = sites.max(by: { ($0.spawns, $1.id) < ($1.spawns, $0.id) })
            else { return nil }
            return Finding(
                kind: .unnamedFunctions,
                text:
                    "\(interpreter.language) functions have no names here: \(Quantities.count(count, "spawn")) came from"
                    + " them. \(remedy).",
                saving: nil, callSite: site.id)
        }.sorted { $0.text < $1.text }
    }
}
