import ByteAccess

/// The control groups that records are of, by their ids: the paths are told once each.
struct MetGroups {
    /// A group that nothing has told yet, and the time and process of the first record of it.
    struct New: Hashable {
        let id: UInt64
        let time: UInt64
        let process: Int32
        /// As the kernel told it when it was made; `nil` if it was there before.
        let path: [UInt8]?
    }

    private(set) var new: [New] = []
    private var known: Set<UInt64> = []
    private var last: UInt64 = 0
    /// Those that were made while recording.
    private var paths: [UInt64: [UInt8]] = [:]
    /// Groups beyond the most were met, whose paths are not told.
    private(set) var isFull = false

    /// The most groups whose paths are told, and the most that are remembered in case something runs there.
    static let most = 1 << 14

    /// Notes the group whose id is at this place of a record of the ring.
    mutating func meet(_ record: borrowing RawSpan, at place: Int) {
        guard let id = record.load(UInt64.self, at: place), id != 0, id != last else { return }
        last = id
        guard !known.contains(id) else { return }
        guard known.count < Self.most else {
            isFull = true
            return
        }
        known.insert(id)
        let path = paths.removeValue(forKey: id)
        new.append(
            New(
                id: id, time: record.load(UInt64.self, at: JoinedRecords.Head.time) ?? 0,
                process: record.load(Int32.self, at: JoinedRecords.Head.pid) ?? 0, path: path))
    }

    /// `struct group_named`.
    mutating func name(_ record: borrowing RawSpan) {
        guard let id = record.load(UInt64.self, at: 48), let size = record.load(UInt32.self, at: 56) else { return }
        // A path that fills its room may be a part of a longer one.
        guard size > 1, size < Self.pathSize else { return }
        if paths.count >= Self.most { paths.removeAll() }
        let start = 64
        paths[id] = record.bytes(in: start..<start + record.stringLength(in: start..<start + Int(size)))
    }

    /// GROUP_PATH_SIZE of joined.bpf.h.
    private static let pathSize: UInt32 = 1024

    mutating func takeNew() -> [New] {
        defer { new.removeAll() }
        return new
    }
}
