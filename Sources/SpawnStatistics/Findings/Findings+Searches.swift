internal import Presentation

extension Report {
    /// From one search on: see `Evidence.add`.
    func pathSearch(_ site: CallSite) -> Finding? {
        let found = site.evidence.searches
        guard found.spawns > 0 else { return nil }
        let directories = site.evidence.searchedDirectories.count
        let places = " in \(Quantities.count(directories, "directory", "directories"))"
        return Finding(
            kind: .pathSearch,
            text: "PATH search: \(Quantities.count(found.events, "exec")) failed\(places) until"
                + " \(Quantities.count(found.spawns, "spawn")) found the program\(time(found)). Give its full path.",
            saving: known(found), callSite: site.id)
    }
}
