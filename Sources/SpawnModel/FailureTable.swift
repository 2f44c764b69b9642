/// How often exec attempts failed, by path and errno; its counts add up to `SpawnTotals.failedAttempts`.
package struct FailureTable: Hashable, Sendable {
    package struct Failure: Hashable, Sendable {
        /// `nil` if the session does not record it.
        package var path: String?
        /// `nil` for an attempt whose return was not seen.
        package var errno: Int32?

        package init(path: String? = nil, errno: Int32? = nil) {
            self.path = path
            self.errno = errno
        }
    }

    package private(set) var counts: [Failure: Int] = [:]
    /// Attempts that failed in further ways, once `limit` ways are counted.
    package private(set) var others = 0

    /// Bounds the memory that a program with made-up paths can take.
    package static let limit = 16384

    package init() {}

    mutating func add(_ failure: Failure, _ attempts: Int) {
        if counts.count < Self.limit || counts[failure] != nil {
            counts[failure, default: 0] += attempts
        } else {
            others += attempts
        }
    }

    /// The most frequent failures of known path and errno, ordered by count, then path and errno.
    package func mostFrequent(_ limit: Int) -> [(path: String, errno: Int32, attempts: Int)] {
        let known = counts.compactMap { failure, attempts in
            failure.path.flatMap { path in failure.errno.map { (path: path, errno: $0, attempts: attempts) } }
        }
        let sorted = known.sorted { ($1.attempts, $0.path, $0.errno) < ($0.attempts, $1.path, $1.errno) }
        return Array(sorted.prefix(limit))
    }
}
