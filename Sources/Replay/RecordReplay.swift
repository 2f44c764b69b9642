internal import ByteAccess
internal import PerfData
package import PerfRecords
package import Session
package import SpawnModel
package import Symbolication
internal import Unwinding

/// Follows a session's records in time order and keeps what every analysis needs at the current point: the threads'
/// names and the address spaces.
package struct RecordReplay {
    package private(set) var names = ThreadNames()
    package let symbolizer: Symbolizer?
    package private(set) var lostEvents: UInt64 = 0
    package private(set) var undecodedRecords = 0
    private var recentMappings = RecentMappings()
    private var namespaces: ProcessNamespaces?
    private var stackPieces: StackPieces?
    private let keepsNames: Bool

    /// - Parameters:
    ///   - session: the session of the records; needed only where names depend on the pids by which processes know
    ///     themselves.
    ///   - keepsNames: whether the names of threads are asked for.
    package init(symbolizer: Symbolizer?, of session: Session? = nil, keepsNames: Bool = true) {
        self.symbolizer = symbolizer
        self.keepsNames = keepsNames
        if let session, let symbolizer {
            namespaces = ProcessNamespaces(session, symbolizer)
            stackPieces = StackPieces(session, symbolizer)
        }
    }

    /// What a FORK, EXIT or COMM record says about a task.
    package enum TaskChange {
        case none
        case forked(Record.Task)
        /// A process executed another program, of which only the comm is known.
        case executed(Record.Comm, time: UInt64)
        case exited(Record.Task)
        /// The kernel dropped events just before.
        case lost
    }

    /// A process's comm; `nil` if no record has one.
    package func name(of process: Int32) -> String? { names[process] }

    /// Bytes after which a comm is cut. The kernel's have at most 15 (TASK_COMM_LEN), but recorders put the whole
    /// command in their place. A comm may be as long as a path, but not longer, since every stack of the thread begins
    /// with it.
    private static let longestComm = 4096

    /// Applies a record that is not a sample.
    @discardableResult
    package mutating func apply(_ record: borrowing RawSpan, _ header: RecordHeader, layout: RecordLayout) -> TaskChange
    {
        guard let decoded = decode(record, layout: layout) else { return .none }
        return apply(decoded, of: record, header)
    }

    /// Returns `nil` for a record that cannot be decoded, and counts it.
    package mutating func decode(_ record: borrowing RawSpan, layout: RecordLayout) -> Record.Decoded? {
        do throws(RecordError) {
            return try Record.decode(record, layout: layout)
        } catch {
            undecodedRecords += 1
            return nil
        }
    }

    /// Applies a decoded record to the tasks and mappings.
    @discardableResult
    package mutating func apply(_ decoded: Record.Decoded, of record: borrowing RawSpan, _ header: RecordHeader)
        -> TaskChange
    {
        symbolizer?.advance(to: decoded.identity.time)
        switch decoded.record {
        case .mmap(let mapping): apply(mapping, header, record)
        case .comm(let comm):
            if keepsNames { rename(comm, record) }
            if header.misc.isCommExec {
                symbolizer?.exec(process: comm.pid)
                return .executed(comm, time: decoded.identity.time)
            }
        case .fork(let task):
            if keepsNames { names.fork(parent: task.parentTID, child: task.tid) }
            if task.pid != task.parentPID {
                // perf writes such a record for each process that already exists.
                guard !header.misc.isForkOfExisting else { return .none }
                symbolizer?.fork(parent: task.parentPID, child: task.pid)
                namespaces?.fork(task)
            }
            return .forked(task)
        case .exit(let task):
            if keepsNames { names.exit(task.tid) }
            namespaces?.exit(thread: task.tid)
            if task.pid == task.tid { symbolizer?.exit(process: task.pid) }
            return .exited(task)
        case .ksymbol(let change) where change.flags & Self.isUnregistered == 0:
            symbolizer?.kernelFunction(
                record.string(in: change.name), address: change.address, length: change.length)
        case .lost(_, let count), .lostSamples(let count):
            lostEvents &+= count
            return .lost
        default: break
        }
        return .none
    }

    /// Takes what a sample says about the pids and namespaces of processes, and the rest of a long stack.
    package mutating func take(sample record: borrowing RawSpan, event: Int, layout: RecordLayout) {
        namespaces?.take(record, event: event, layout: layout)
        stackPieces?.take(record, event: event, layout: layout)
    }

    /// Applies only what a stranger's record says about the names of threads.
    package mutating func applyName(_ decoded: Record.Decoded, of record: borrowing RawSpan) {
        switch decoded.record {
        case .comm(let comm): rename(comm, record)
        case .fork(let task): names.fork(parent: task.parentTID, child: task.tid)
        case .exit(let task): names.exit(task.tid)
        default: break
        }
    }

    private mutating func rename(_ comm: Record.Comm, _ record: borrowing RawSpan) {
        let length = record.stringLength(in: comm.name)
        let text = comm.name.lowerBound..<comm.name.lowerBound + min(length, Self.longestComm)
        names.rename(comm.tid, to: record.string(in: text) + (length > Self.longestComm ? "…" : ""))
    }

    /// PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER.
    private static let isUnregistered: UInt16 = 1
    /// MAP_HUGETLB of mmap(2).
    private static let hugePages: UInt32 = 0x40000
    /// PROT_JIT_SYMFILE_MAP of simpleperf's thread_tree.h.
    private static let copiedCode: UInt32 = 0x4000

    private mutating func apply(_ mapping: Record.Mapping, _ header: RecordHeader, _ record: borrowing RawSpan) {
        guard let symbolizer else { return }
        guard header.misc.cpuMode != .kernel, mapping.pid != -1 else {
            applyToKernel(mapping, header, record, symbolizer)
            return
        }
        let content = recentMappings.content(record, Self.contentStart..<mapping.path.upperBound, header) {
            var buildID: [UInt8]?
            var numbers: FileNumbers?
            switch mapping.version2?.identity {
            case .buildID(let range): buildID = record.bytes(in: range)
            case .inode(let major, let minor, let inode, _):
                numbers = FileNumbers(major: major, minor: minor, inode: inode)
            case nil: break
            }
            let isExecutable = mapping.version2.map { $0.protection & 4 != 0 } ?? !header.misc.isMapOfData
            return symbolizer.content(
                path: record.string(in: mapping.path), buildID: buildID, isExecutable: isExecutable,
                isHugePage: (mapping.version2?.flags ?? 0) & Self.hugePages != 0,
                isCopiedCode: (mapping.version2?.protection ?? 0) & Self.copiedCode != 0, numbers: numbers)
        }
        symbolizer.map(
            process: mapping.pid, start: mapping.start, length: mapping.length, fileOffset: mapping.fileOffset, content)
    }

    /// Bytes of `struct perf_record_mmap` up to the content: header, pid, tid, and three words of addresses.
    private static let contentStart = 40

    private func applyToKernel(
        _ mapping: Record.Mapping, _ header: RecordHeader, _ record: borrowing RawSpan, _ symbolizer: Symbolizer
    ) {
        var buildID: [UInt8]?
        if case .buildID(let range) = mapping.version2?.identity { buildID = record.bytes(in: range) }
        symbolizer.map(
            process: -1, start: mapping.start, length: mapping.length, fileOffset: mapping.fileOffset,
            path: record.string(in: mapping.path), buildID: buildID, isExecutable: true)
    }
}

extension SymbolSettings {
    /// CLOCK_MONOTONIC of clock_gettime(2).
    private static let monotonic: Int32 = 1

    fileprivate mutating func takeTimes(of session: Session) {
        let metadata = session.metadata
        hasMonotonicTimes = session.file.events.contains {
            $0.attributes.flags.contains(.useClockID) && $0.attributes.clockID == Self.monotonic
        }
        start = metadata?.start
        startWall = metadata?.startWall
        guard let startWall, let end = metadata?.end else { return }
        // The duration counts from the command's release, a little later than the start.
        endWall = startWall &+ (end.duration ?? 0) &+ 2_000_000_000
    }
}

extension Symbolizer {
    /// Paths of files that exist but are not the recorded ones.
    package var otherFiles: [String] { problems.filter(\.isOtherFile).map(\.path) }

    /// Makes a symbolizer with what the session says about its machine.
    package convenience init(
        _ session: Session, style: NameStyle, found: FoundFiles = FoundFiles(),
        debugServer: DebugServer? = nil, sharing other: Symbolizer? = nil
    ) {
        var settings = SymbolSettings()
        settings.found = found
        let file = session.file
        settings.debugServer = debugServer
        let notes = file.description.simpleperf
        // simpleperf does not record the host's name. Without the kernel's release, too, it was an Android device.
        let device = notes != nil && file.description.osRelease == nil ? "an Android device" : nil
        settings.otherMachine = OtherMachine(
            host: file.description.hostname ?? device, release: file.description.osRelease,
            kernelBuildID: file.description.buildIDs["[kernel.kallsyms]"], kernelNotes: settings.kernelNotes)
        if let notes {
            settings.chainsHoldCalls = true
            if style == .best {
                settings.takeRecordedNames(
                    files: notes.files, files2: notes.files2, kernelSymbols: notes.kernelSymbols)
            }
        }
        let metadata = session.metadata
        settings.otherFiles = Set(metadata?.otherFiles ?? [])
        settings.packed = session.names
        for file in metadata?.identifiedFiles ?? [] where !file.buildID.bytes.isEmpty {
            let numbers = FileNumbers(major: file.major, minor: file.minor, inode: file.inode)
            settings.identifiedFiles[file.path, default: [:]][numbers] = file.buildID.bytes
        }
        settings.commandUser = metadata?.commandUser
        settings.takeTimes(of: session)
        self.init(
            style: style, sessionBuildIDs: file.description.buildIDs, kernelPaths: file.description.kernelPaths,
            settings: settings,
            architecture: file.description.architecture.flatMap(Architecture.init(machine:)), sharing: other)
    }
}

extension Architecture {
    /// From the machine name of uname(2).
    fileprivate init?(machine: String) {
        switch machine {
        case "x86_64": self = .x86_64
        case "aarch64": self = .arm64
        default: return nil
        }
    }
}
