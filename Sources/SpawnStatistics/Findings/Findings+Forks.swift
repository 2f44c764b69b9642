internal import Presentation
internal import SpawnModel

extension Report {
    /// Nanoseconds that the fork of a small process takes, for sessions that have none to compare with. Measured on a
    /// 2-core VM with Linux 6.18: medians of 68 to 132 µs with page tables of 40 to 68 KiB.
    private static let usualFork: UInt64 = 100_000
    /// Forks of small processes that are needed for a comparison with their median.
    private static let fewestCompared = 5

    /// Compares medians, since a fork that is preempted takes milliseconds whatever it copies.
    func slowFork(_ site: CallSite) -> Finding? {
        let evidence = site.evidence
        guard let tables = evidence.forkers.percentile(50), tables >= SpawnSizes.largePageTables,
            let median = evidence.forks.percentile(50)
        else { return nil }
        let small = spawns.smallForks.count >= Self.fewestCompared ? spawns.smallForks.percentile(50) : nil
        let count = evidence.forks.count
        let needed = small ?? Self.usualFork
        // Page tables of shared mappings are not copied.
        guard median / 3 >= needed else { return nil }
        let excess = median - needed
        let (saving, overflow) = excess.multipliedReportingOverflow(by: UInt64(count))
        let compared = small.map { ", one of a small process \(Quantities.duration($0))" } ?? ""
        return Finding(
            kind: .slowFork,
            text:
                "fork copied the page tables (\(Quantities.bytes(tables))) of a large process:"
                + " \(Quantities.count(count, "creation")) took \(Quantities.duration(median)) each (median)\(compared)."
                + " \(ForkRemedy(of: site).text)",
            saving: overflow ? .max : saving, callSite: site.id)
    }
}

/// What the author of the spawner can do. How an interpreter forks is not for them to change.
private enum ForkRemedy {
    case function, module, helper

    init(of site: CallSite) {
        let language = Interpreter(of: site.stack)?.language
        let name = String(site.comm.prefix { !$0.isNumber })
        if language == "Python" || name == "python" {
            self = .module
        } else if language != nil || Self.interpreters.contains(name) {
            self = .helper
        } else {
            self = .function
        }
    }

    var text: String {
        switch self {
        case .function: "Use posix_spawn or vfork."
        case .module: "Use subprocess without preexec_fn, or os.posix_spawn."
        case .helper: "Start programs from a small process, made before this one grows."
        }
    }

    /// Their names without a version.
    private static let interpreters: Set<String> = [
        "sh", "dash", "bash", "ash", "ksh", "mksh", "zsh", "fish", "node", "perl", "ruby", "php", "java", "lua", "make",
        "gmake", "git", "tclsh", "R",
    ]
}
