import Glibc
package import LinuxSystem
package import PerfRecords

/// Writes a session: a perf.data file (`PERFILE2`) with the features known at the start placed before the data.
///
///     header 104 │ attrs │ id arrays │ "SPWNSCP1", u64 count, count × {u64 bit, offset, size} │ payloads │ data │ features
///
/// perf reads the feature table after the data, which `finish` writes. If the recorder was killed, the data's size is 0
/// and that table is missing; the early table still has everything that was known at the start.
package struct SessionWriter: ~Copyable {
    /// One event: its attr in the file and the kernel's ids for it, one per CPU.
    package struct Event: Hashable, Sendable {
        package var name: String
        package var attributes: EventAttributes
        package var ids: [UInt64]

        package init(name: String, attributes: EventAttributes, ids: [UInt64]) {
            self.name = name
            self.attributes = attributes
            self.ids = ids
        }
    }

    package struct Feature: Hashable, Sendable {
        /// The bit number in the header's bitmap, 0…255.
        package var bit: Int
        package var payload: [UInt8]

        package init(_ bit: Int, _ payload: [UInt8]) {
            self.bit = bit
            self.payload = payload
        }
    }

    /// The magic that starts the early feature table.
    package static let earlyTableMagic: [UInt8] = Array("SPWNSCP1".utf8)

    private var file: SessionFile
    private let layout: Layout
    /// Bytes of the identity trailer of each record.
    private let identitySize: Int
    /// Bytes from a record's time field to the record's end.
    package let trailingTimeDistance: Int
    /// Bytes of complete records written so far.
    package private(set) var dataSize: UInt64 = 0

    package var path: String { file.path }
    package var dataOffset: UInt64 { layout.dataOffset }
    /// Bytes from the start of the file to the end of its data.
    package var fileSize: UInt64 { layout.dataOffset + dataSize }

    /// Creates the file with mode 0600; an existing file is kept as `path.old`.
    package init(path: String, events: [Event], features: [Feature]) throws(SessionWriteError) {
        try self.init(try SessionFile(creating: path), events: events, features: features)
    }

    /// Writes to an empty open file, which the caller names; `path` is for messages only.
    package init(
        to descriptor: consuming OwnedDescriptor, path: String, events: [Event], features: [Feature]
    ) throws(SessionWriteError) {
        try self.init(SessionFile(descriptor, path: path), events: events, features: features)
    }

    private init(
        _ file: consuming SessionFile, events: [Event], features: [Feature]
    ) throws(SessionWriteError) {
        let layout = Layout(events: events, features: features)
        var file = file
        do throws(SessionWriteError) {
            try file.append(layout.start)
        } catch {
            file.discard()
            throw error
        }
        // Reserve space for `finish`: its private features are about as large as those written now.
        let size = features.reduce(0) { $1.bit >= PerfData.Feature.firstPrivate ? $0 + $1.payload.count : $0 }
        file.hold(size + 8192)
        self.file = file
        self.layout = layout
        let recordLayout = events.first.map { RecordLayout($0.attributes) }
        identitySize = recordLayout?.identitySize ?? 0
        trailingTimeDistance = recordLayout?.trailingTimeDistance ?? 0
    }

    /// Appends whole records. On failure the file is truncated to the records written before.
    package mutating func append(_ records: [UInt8]) throws(SessionWriteError) {
        do throws(SessionWriteError) {
            try file.append(records)
        } catch {
            file.truncate(to: fileSize)
            throw error
        }
        dataSize &+= UInt64(records.count)
    }

    /// Appends whole records from two pieces, as when a ring buffer wraps.
    @unsafe
    package mutating func append(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SessionWriteError) {
        do throws(SessionWriteError) {
            try unsafe file.append(first, second)
        } catch {
            file.truncate(to: fileSize)
            throw error
        }
        dataSize &+= UInt64(first.count) &+ UInt64(second.count)
    }

    /// Reopens the file for reading, even if its path now leads elsewhere; the caller closes it. −1 on failure.
    package func duplicate() -> Int32 { (try? OwnedDescriptor(reopening: file.number))?.release() ?? -1 }

    /// Writes the feature table after the data and completes the header. `features` replace those with the same bit
    /// that were written at the start. If there is no space for the table, the last records are removed to make room,
    /// since readers cannot do without it. If this throws, the session has its records but no features.
    /// - Returns: bytes of records that were removed.
    @discardableResult
    package consuming func finish(features: [Feature]) throws(SessionWriteError) -> UInt64 {
        let final = features.filter { 0..<FeatureEncoding.Bit.count ~= $0.bit }.sorted { $0.bit < $1.bit }
        file.releaseHeld()
        do throws(SessionWriteError) {
            try finish(final, dataSize: dataSize)
            return 0
        } catch {
            let size = UInt64(layout.finalTable(replacing: final, at: fileSize).bytes.count)
            let kept = dataSize > size ? scan(from: 0).boundary(atMost: dataSize - size) : 0
            let left = kept > 0 ? kept : dataSize
            do throws(SessionWriteError) {
                guard kept > 0 else { throw error }
                try finish(final, dataSize: kept)
                return dataSize - kept
            } catch {
                file.truncate(to: dataOffset + left)
                try file.write(layout.header(dataSize: left, bits: []), at: 0)
                throw error
            }
        }
    }

    private func finish(_ features: [Feature], dataSize: UInt64) throws(SessionWriteError) {
        let end = layout.dataOffset + dataSize
        let (table, bits) = layout.finalTable(replacing: features, at: end)
        file.truncate(to: end)
        try file.append(table)
        try file.write(layout.header(dataSize: dataSize, bits: bits), at: 0)
    }

    /// Removes the file and restores the one that it replaced.
    package consuming func discard() {
        file.discard()
    }

    /// Events lost according to the LOST and LOST_SAMPLES records: kernels before 6.0 have no lost counter per event.
    package func scanLostRecords() -> UInt64 {
        scan(from: 0).lost()
    }

    /// The distinct files that one of `roots` (`nil`: any process) or a descendant had mapped executable, according to
    /// the MMAP2 records so far.
    package func executableFiles(roots: Set<Int32>?) -> [ExecutableFile] {
        scan(from: 0).executableFiles(
            roots: roots, identitySize: identitySize, timeDistance: trailingTimeDistance)
    }

    /// A scan of the records from offset `start` in the data.
    package func scan(from start: UInt64) -> RecordScan {
        RecordScan(descriptor: file.number, range: dataOffset + min(start, dataSize)..<fileSize)
    }
}

/// Why a session could not be written.
package enum SessionWriteError: Error, Hashable {
    case isDirectory(path: String)
    /// A pipe, socket or terminal: a session's header is completed at the end.
    case notSeekable(path: String)
    case system(operation: String, path: String, code: Int32)
    /// The path leads through a symbolic link that another user owns.
    case foreignLink(path: String, owner: UInt32)
}

extension SessionWriteError {
    /// The error for a file that could not be created, opened or renamed into place.
    package init(_ failure: FileError, operation: String, path: String) {
        self =
            switch failure {
            case .system(EISDIR): .isDirectory(path: path)
            case .system(let code): .system(operation: operation, path: path, code: code)
            case .notRegular: .notSeekable(path: path)
            case .refused: .system(operation: operation, path: path, code: EACCES)
            case .foreignLink(let owner): .foreignLink(path: path, owner: owner)
            }
    }
}

extension SessionWriteError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .isDirectory(let path):
            return "\(path) is a directory: name a file with -o"
        case .notSeekable(let path):
            return "\(path) is no regular file: a session's header is completed at its end;"
                + " name a file with -o, or stream the session with -o -"
        case .foreignLink(let path, let owner):
            return
                "\(path) leads through a symbolic link of user \(owner), who could lead it anywhere: name the file itself"
        case .system(let operation, let path, let code):
            let hint =
                switch code {
                case ENOSPC, EDQUOT: ": free space there, or name a file elsewhere with -o"
                case EFBIG: ": raise the limit with ulimit -f, or name a file elsewhere with -o"
                case ENOENT, EACCES, EPERM, EROFS, ENOTDIR: ": name a file with -o in a directory that you can write to"
                default: ""
                }
            return "cannot \(operation) \(path): \(SystemError(code).message)\(hint)"
        }
    }
}
