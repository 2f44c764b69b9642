package import PerfData
package import Symbolication

/// An open perf.data file with Spawnscope's own notes in it. Everything that replays a session takes one.
package struct Session {
    package let file: PerfDataFile
    /// `nil` if the recording is not Spawnscope's, or if the metadata is damaged.
    package let metadata: SessionMetadata?
    /// The names that were packed into it; `nil` if there are none, empty if they are damaged.
    package let names: PackedSymbols?
    /// Parts that cannot be read and are not used.
    package let damage: [Damage]

    package enum Damage: Hashable, Sendable {
        case metadata
        /// At this offset of the packed names.
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
                // In a stream, zeros pad the JSON.
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

/// The session was written by a newer version, and this one would misread it.
package enum NewerSessionError: Error, Hashable, Sendable {
    case metadata(schema: String)
    case names(version: Int)
}
