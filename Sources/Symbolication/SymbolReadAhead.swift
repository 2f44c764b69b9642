internal import ELFImages
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Reads images' symbols on a second CPU before they are needed: a recording's large images take longer than everything
/// else that is done with it.
///
/// An image's table depends only on its path and build ID, so it does not matter which thread reads it, or when. Every
/// image is read once: a thread that needs one that is being read waits.
final class SymbolReadAhead: Sendable {
    typealias Table = Result<ImageLoader.Found, ImageError>

    private enum State: Sendable {
        case waiting
        case read(Table)
        /// Kept for the readers that come later.
        case shared(Table, readersLeft: Int)
        case taken
    }

    private final class Job: Sendable {
        let path: String
        let buildID: [UInt8]
        let state = Mutex(State.waiting)

        init(path: String, buildID: [UInt8]) {
            self.path = path
            self.buildID = buildID
        }
    }

    private let jobs: [Job]
    private let numbers: [String: Int]
    private let read: @Sendable (String, [UInt8]) -> Table
    private let readers: Int
    private let isStopped = Atomic(false)
    /// The number of tables not taken yet. They may never be needed and must not fill the memory.
    private let unclaimed = Atomic(0)
    private static let mostUnclaimed = 4
    /// Smaller files, in bytes, are not read ahead: reading them takes hardly any time.
    private static let leastSize = 256 << 10

    /// `nil` if there is one CPU, or nothing to read. Several readers occupy the CPUs themselves: then nothing is read
    /// ahead, and a table that one of them reads is shared with the others.
    init?(_ buildIDs: [String: [UInt8]], readers: Int = 1, read: @escaping @Sendable (String, [UInt8]) -> Table) {
        guard SecondCPU.isThere else { return nil }
        let sized = buildIDs.compactMap { path, buildID in
            Self.size(path).map { (size: $0, path: path, buildID: buildID) }
        }
        // The largest first: the reader of the recording would wait for it longest.
        jobs = sized.filter { $0.size >= Self.leastSize }
            .sorted { ($1.size, $0.path) < ($0.size, $1.path) }
            .map { Job(path: $0.path, buildID: $0.buildID) }
        guard !jobs.isEmpty else { return nil }
        numbers = Dictionary(uniqueKeysWithValues: jobs.enumerated().map { ($1.path, $0) })
        self.read = read
        self.readers = readers
        if readers == 1, let thread = SystemThread({ self.run() }) { thread.detach() }
    }

    /// The table of an image; `nil` if it is not read ahead, or if the caller has to read it.
    func take(path: String, buildID: [UInt8]?) -> Table? {
        guard let number = numbers[path], jobs[number].buildID == buildID else { return nil }
        if readers > 1 { return share(jobs[number]) }
        return jobs[number].state.withLock { state in
            defer { state = .taken }
            guard case .read(let table) = state else { return nil }
            unclaimed.subtract(1, ordering: .relaxed)
            return table
        }
    }

    private func share(_ job: Job) -> Table? {
        job.state.withLock { state in
            switch state {
            case .waiting, .read:
                let table = read(job.path, job.buildID)
                state = .shared(table, readersLeft: readers - 1)
                return table
            case .shared(let table, let readersLeft):
                state = readersLeft > 1 ? .shared(table, readersLeft: readersLeft - 1) : .taken
                return table
            case .taken: return nil
            }
        }
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func run() {
        for job in jobs {
            while unclaimed.load(ordering: .relaxed) >= Self.mostUnclaimed, !isStopped.load(ordering: .relaxed) {
                usleep(2000)
            }
            guard !isStopped.load(ordering: .relaxed) else { return }
            job.state.withLock { state in
                guard case .waiting = state else { return }
                state = .read(read(job.path, job.buildID))
                unclaimed.add(1, ordering: .relaxed)
            }
        }
    }

    private static func size(_ path: String) -> Int? {
        path.hasPrefix("/") ? FileWeight.size(ofRegularFile: path) : nil
    }
}
