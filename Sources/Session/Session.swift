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

    package init(_ file: PerfDataFile) throws(NewerSessionError) {
        var damage: [Damage] = []
        var names: PackedSymbols?
        if let bytes = file.description.privateFeatures[.names] {
            do throws(PackedSymbolsError) {
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
        if let json = file.description.privateFeatures[.session] {
            do throws(SessionMetadataError) {
                // A stream has zeros behind it.
                metadata = try SessionMetadata(json: Array(json.prefix { $0 != 0 }))
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

/// What a newer version wrote, which this one would misread.
package enum NewerSessionError: Error, Hashable, Sendable {
    case metadata(schema: String)
    case names(version: Int)
}
