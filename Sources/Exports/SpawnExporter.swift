internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// Spawns in, a file out: one for each format that is made of spawns.
package protocol SpawnExporter {
    /// One spawn, in the order of their ends.
    mutating func add(_ reported: ReportedSpawn)
    /// What can be written already; formats of sums have nothing before the end.
    mutating func take() -> [UInt8]
    /// Hands the rest to `write` in pieces, until that returns false. Throws where the bytes cannot be made.
    mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) throws(ExportError)
    /// What could not be put into the file, a line each; known at the end.
    var omissions: [String] { get }
}

package enum ExportError: Error, Hashable {
    /// zlib or the encoder refused: out of memory, or a profile of over 2 GiB.
    case notEncoded
}

extension SpawnExporter {
    package mutating func take() -> [UInt8] { [] }
    package var omissions: [String] { [] }
}

extension ExportFormat {
    /// `parts` and `weight` matter to formats of sums: what stacks are made of, and which number is shown first; rows tell the `origin`. `nil` for what is
    /// made of a fold.
    package func exporter(
        of origin: SessionOrigin, parts: [SpawnStacks.Part], weight: SpawnWeight
    ) -> (any SpawnExporter)? {
        switch self {
        case .pprof: PprofExport(parts: parts, weight: weight)
        case .speedscope: SpeedscopeExport(parts: parts, weight: weight)
        case .csv: CSVExport(origin)
        case .ndjson: NDJSONExport(origin)
        case .chrome: ChromeExport()
        case .folded: nil
        }
    }
}

/// The rows of `report --format csv`.
package struct CSVExport: SpawnExporter {
    private var report: CSVReport

    package init(_ origin: SessionOrigin) { report = CSVReport(origin) }

    package mutating func take() -> [UInt8] { report.take() }

    package mutating func add(_ reported: ReportedSpawn) {
        report.add(reported.spawn, callSite: reported.callSite)
    }

    package mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) { _ = write(take()) }
}
