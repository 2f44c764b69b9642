internal import ByteAccess
internal import Presentation
internal import SpawnModel

extension Report {
    /// One finding for the whole session, since the cost belongs to programs; its call site is the one with the most of
    /// it. Programs of the system are left out, because the user does not link them.
    var dynamicLinking: Finding? {
        let own = spawns.programs.filter { !Self.isOfSystem($0.path) }
        let count = own.reduce(0) { $0 + $1.phases[.link].count }
        var (link, overhead): (UInt64, UInt64) = (0, 0)
        for program in own {
            link.addSaturating(program.phases[.link].sum)
            overhead.addSaturating(program.phases.overheadSum)
        }
        let sites = spawns.callSites.filter { site in site.programs.contains { !Self.isOfSystem($0.chain.first ?? "") }
        }
        // Less than a tenth is what any program pays.
        guard count > 0, link >= max(overhead / 10, 1),
            let site = sites.max(by: { $0.phases[.link].sum < $1.phases[.link].sum })
        else { return nil }
        return Finding(
            kind: .dynamicLinking,
            text:
                "Dynamic linking: \(Quantities.duration(link)) in \(Quantities.count(count, "spawn")) of programs of your"
                + " own, \(Quantities.share(link, of: overhead)) of their overhead. Link statically, or with fewer libraries.",
            saving: link, callSite: site.id)
    }

    private static let systemDirectories = [
        "/bin/", "/sbin/", "/lib", "/usr/bin/", "/usr/sbin/", "/usr/lib", "/usr/games/", "/snap/", "/nix/store/",
        "/gnu/store/",
    ]

    /// A name without a directory does not show where the program is, and counts as the system's.
    private static func isOfSystem(_ path: String) -> Bool {
        !path.contains("/") || systemDirectories.contains(where: path.hasPrefix)
    }
}
