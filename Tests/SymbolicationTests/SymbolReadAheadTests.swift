import ELFImages
import Glibc
import Synchronization
import Testing

@testable import Symbolication

@Suite struct SymbolReadAheadTests {
    private static let buildID: [UInt8] = [1, 2, 3]

    /// A file that is large enough to be read ahead.
    private func withFile(_ body: (String) throws -> Void) throws {
        let path = "/tmp/spawnscope-read-ahead-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let file = open(path, O_CREAT | O_WRONLY | O_EXCL, 0o600)
        defer { unlink(path) }
        #expect(write(file, "\u{7f}ELF", 4) == 4 && ftruncate(file, 1 << 20) == 0)
        close(file)
        try body(path)
    }

    /// Either it was read, and is handed out once, or the caller is to read it: never both, and never twice.
    @Test func eachTableIsReadByOne() throws {
        try withFile { path in
            for _ in 0..<200 {
                let reads = Reads()
                let ahead = try #require(
                    SymbolReadAhead([path: Self.buildID, "/nonexistent": [4], "[vdso]": [5]]) { path, buildID in
                        reads.count.add(1, ordering: .relaxed)
                        return .failure(ImageError(path: path, reason: .otherBuild(recorded: buildID, found: [])))
                    })
                let taken = ahead.take(path: path, buildID: Self.buildID)
                if case .failure(let problem) = taken {
                    #expect(problem.reason == .otherBuild(recorded: Self.buildID, found: []))
                }
                let again = ahead.take(path: path, buildID: Self.buildID)
                #expect(!isThere(again))
                #expect(reads.count.load(ordering: .relaxed) == (isThere(taken) ? 1 : 0))
            }
        }
    }

    @Test func otherImagesAreTheCallers() throws {
        try withFile { path in
            let ahead = try #require(
                SymbolReadAhead([path: Self.buildID]) { path, _ in
                    .failure(ImageError(path: path, reason: .otherFile))
                })
            #expect(!isThere(ahead.take(path: path, buildID: [9])) && !isThere(ahead.take(path: path, buildID: nil)))
            #expect(!isThere(ahead.take(path: "/other", buildID: Self.buildID)))
            ahead.stop()
            let nothing = SymbolReadAhead(["/nonexistent": Self.buildID]) { path, _ in
                .failure(ImageError(path: path, reason: .otherFile))
            }
            #expect(nothing == nil)
        }
    }

    /// Of several readers each has the table, which the first that asks has read by itself.
    @Test func severalReadersShareWhatOneHasRead() throws {
        try withFile { path in
            let reads = Reads()
            let shared = try #require(
                SymbolReadAhead([path: Self.buildID], readers: 2) { path, _ in
                    reads.count.add(1, ordering: .relaxed)
                    reads.thread.store(pthread_self(), ordering: .relaxed)
                    return .failure(ImageError(path: path, reason: .otherFile))
                })
            for _ in 0..<2 { #expect(isThere(shared.take(path: path, buildID: Self.buildID))) }
            #expect(reads.count.load(ordering: .relaxed) == 1)
            #expect(reads.thread.load(ordering: .relaxed) == pthread_self())
            // Both have it: it is not kept for anyone else.
            #expect(!isThere(shared.take(path: path, buildID: Self.buildID)))
        }
    }

    private func isThere(_ table: SymbolReadAhead.Table?) -> Bool { table != nil }

    private final class Reads: Sendable {
        let count = Atomic(0)
        let thread = Atomic<pthread_t>(0)
    }
}
