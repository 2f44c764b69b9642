import ByteAccess
import PerfData
import PerfRecords
import Session

/// Makes perf.data records of what the joined recorder's programs write into their ring (joined.bpf.h): a sample each,
/// and around them the FORK, COMM, MMAP2 and EXIT records that the kernel's own side band would have had.
///
/// One buffer is filled for each round, so that a record costs copies and no allocation.
struct JoinedRecords {
    var bytes: [UInt8] = []
    /// By kind of record.
    private(set) var seen = [UInt64](repeating: 0, count: 16)
    let identifiers: [UInt64]
    let sidebandIdentifier: UInt64
    let pageSize: UInt64
    /// By event: where its fixed fields end in a record of the ring.
    let fixedEnds: [Int]
    let writesSideband: Bool
    /// Creations have registers and a stack; else the callers' addresses.
    let hasStacks: Bool
    /// The name of each thread as it was told last, in two words.
    var comms: [Int32: Comm] = [:]

    struct Comm: Hashable {
        var low: UInt64
        var high: UInt64
    }
    /// Processes of which no record has told yet that they ran.
    var waiting: Set<Int32> = []
    /// Whether stacks are kept: they are what needs room.
    var keepsStacks = true
    /// Paths by the file's number, which the kernel tells once.
    var files: [UInt64: [UInt8]] = [:]
    var groups = MetGroups()

    /// `struct head`.
    enum Head {
        static let kind = 0
        static let cpu = 4
        static let pid = 8
        static let tid = 12
        static let time = 16
        static let comm = 24
        static let ran = 40
        static let size = 48
    }

    /// `enum kind`, where it is no event of the session's.
    private enum Kind {
        static let mapped = 14
        static let fileNamed = 15
        static let groupNamed = 16
    }

    /// The most paths that are kept at a time; the kernel tells those of files in use again.
    static let mostFiles = 1 << 16
    /// The most threads whose names are remembered; those that are forgotten are told again.
    static let mostThreads = 1 << 16

    /// `identifiers`: by event, in the order of `JoinedEvent.allCases`.
    init(
        identifiers: [UInt64], sideband: UInt64, pageSize: UInt64, writesSideband: Bool = true, hasStacks: Bool = true
    ) {
        self.identifiers = identifiers
        sidebandIdentifier = sideband
        self.pageSize = pageSize
        fixedEnds = [0] + JoinedEvent.allCases.map { Head.ran + $0.size - JoinedEvent.commonSize }
        self.writesSideband = writesSideband
        self.hasStacks = hasStacks
    }

    /// Removes and returns the records; what comes next will need about as much room.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        bytes.reserveCapacity(taken.count)
        return taken
    }

    /// Adds what one record of the ring stands for; nothing if it is too short.
    mutating func add(_ record: borrowing RawSpan) {
        guard let kind = record.load(UInt32.self, at: Head.kind).map(Int.init), record.byteCount >= Head.size else {
            return
        }
        if seen.indices.contains(kind) { seen[kind] &+= 1 }
        if !waiting.isEmpty, kind == JoinedEvent.exit.rawValue || record.load(UInt64.self, at: Head.ran) != 0,
            let pid = record.load(Int32.self, at: Head.pid)
        {
            waiting.remove(pid)
        }
        // An exec tells its name itself, and what follows an EXIT record has none any more.
        if writesSideband, kind < Kind.mapped, kind != JoinedEvent.exec.rawValue,
            kind != JoinedEvent.parentTold.rawValue
        {
            noteComm(record)
        }
        switch kind {
        case Kind.mapped: if writesSideband { addMapping(record) }
        case Kind.fileNamed: name(record)
        case Kind.groupNamed: groups.name(record)
        default:
            guard let event = JoinedEvent(rawValue: kind) else { return }
            switch event {
            case .spawn: addSpawn(record)
            case .exec: addExec(record)
            case .exit:
                add(event, record, raw: Head.ran..<record.byteCount)
                let pid = record.load(Int32.self, at: Head.pid) ?? 0
                addTask(.exit, record, pid: pid, parent: 0, tid: pid, parentTID: 0)
                comms[pid] = nil
            case .creationReturn, .execReturn, .wait, .parentTold, .ring, .firstRun, .attempt, .attemptsUnseen:
                let end = fixedEnds[event.rawValue]
                add(event, record, raw: Head.ran..<min(record.byteCount, end))
            case .execFailed: addFailed(record)
            case .stack: break
            }
        }
    }

    /// Tells that a process has run which has had no record of its own since.
    mutating func addFirstRun(of process: Int32, _ ran: UInt64, at time: UInt64) {
        var record: [UInt8] = []
        record.store(UInt32(JoinedEvent.firstRun.rawValue))
        record.store(UInt32(0))
        for _ in 0..<2 { record.store(process) }
        record.store(time)
        let comm = comms[process]
        record.store(comm?.low ?? 0)
        record.store(comm?.high ?? 0)
        record.store(ran)
        unsafe add(record.span.bytes)
    }

    /// Losses between two rounds.
    mutating func addLost(_ count: UInt64, at time: UInt64) {
        bytes.store(UInt32(2))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 16 + 32))
        bytes.store(identifiers[0])
        bytes.store(count)
        addTrailer(pid: 0, tid: 0, time: time, cpu: 0)
    }
}
