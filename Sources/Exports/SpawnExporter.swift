internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// Writes spawns to a file: one exporter for each format that is made of spawns.
package protocol SpawnExporter {
    /// Adds a spawn. Spawns come in the order of their ends.
    mutating func add(_ reported: ReportedSpawn)
    /// Returns and removes the bytes ready for writing. Formats that add spawns up have none before the end.
    mutating func take() -> [UInt8]
    /// Passes the rest to `write` in pieces until that returns false. Throws if encoding fails.
    mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) throws(ExportError)
    /// What the file could not hold, one line each; known at the end.
    var omissions: [String] { get }
}

package enum ExportError: Error, Hashable {
    /// zlib or the encoder failed: out of memory, or a profile over 2 GiB.
    case notEncoded
}

extension SpawnExporter {
    package mutating func take() -> [UInt8] { [] }
    package var omissions: [String] { [] }
}

extension ExportFormat {
    /// The exporter of this format; `nil` for a format made from a fold. Formats that add spawns up use `parts`, of
    /// which stacks are made, and `weight`, which is shown first. Formats with rows use `origin`.
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
        report.add(reported.spawn, callSite: reported.callSite, group: reported.group)
    }

    package mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) { _ = write(take()) }
}
