package import PerfData
package import Symbolication

/// A perf.data file, opened once, with what Spawnscope noted in it: everything that replays it takes this.
package struct Session {
    package let file: PerfDataFile
    /// `nil` for a recording that is not ours, and where its own are damaged.
    package let metadata: SessionMetadata?
    /// The names that were packed into it; `nil` where there are none, empty where they are damaged.
    package let names: PackedSymbols?
    /// What of it cannot be read, and is not used.
    package let damage: [Damage]

    package enum Damage: Hashable, Sendable {
        case metadata
        /// At that offset of the packed names.
        case names(offset: Int)

        package var isOfNames: Bool { self != .metadata }
    }

    /// What a newer version wrote, which this one would misread.
    package enum Newer: Error, Hashable, Sendable {
        case metadata(schema: String)
        case names(version: Int)
    }

    package init(_ file: PerfDataFile) throws(Newer) {
        var damage: [Damage] = []
        var names: PackedSymbols?
        if let bytes = file.description.symbols {
            do throws(PackedSymbols.Problem) {
                names = try PackedSymbols(decoding: bytes)
            } catch {
                switch error {
                case .newer(let version): throw .names(version: Int(version))
                case .damaged(let offset):
                    names = PackedSymbols()
                    damage.append(.names(offset: offset))
                }
            }
        }
        var metadata: SessionMetadata?
        if let json = file.description.metadata {
            do throws(SessionMetadata.Problem) {
                metadata = try SessionMetadata(json: json)
            } catch {
                switch error {
                case .newer(let schema): throw .metadata(schema: schema)
                case .unreadable: damage.append(.metadata)
                }
            }
        }
        self.file = file
        self.metadata = metadata
        self.names = names
        self.damage = damage
    }
}
