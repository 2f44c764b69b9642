import FuzzTargets
import Glibc
import Testing

/// Every input that fuzzing has kept, given to the target that kept it: nothing traps, and nothing hangs.
///
/// A trap ends the run of tests, and its backtrace names the target; which input it was says
/// `swift run Fuzz TARGET Tests/Fuzz/Corpus/TARGET/*`.
@Suite struct FuzzCorpusTests {
    /// Bytes that the repository holds of them.
    private static let largest = 2 << 20

    /// The limit is a watchdog for a target's inputs, which take a second or two.
    @Test(.timeLimit(.minutes(1)), arguments: FuzzTarget.all.map(\.name))
    func everyKeptInput(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let inputs = try Corpus.files(of: name)
        // A directory that is not found would make all of this hold.
        #expect(!inputs.isEmpty)
        for (file, bytes) in inputs {
            #expect(bytes.count <= target.longest, "\(name)/\(file)")
            target.run(bytes)
        }
    }

    @Test func theCorpusIsSmallAndOfTheTargets() throws {
        let names = try Corpus.names("")
        #expect(Set(names) == Set(FuzzTarget.all.map(\.name)))
        let sizes = try names.flatMap { try Corpus.files(of: $0).map(\.bytes.count) }
        #expect(sizes.reduce(0, +) < Self.largest)
    }
}

/// The directory beside this one.
private enum Corpus {
    private static let path = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Corpus"

    static func names(_ directory: String) throws -> [String] {
        let listing = try #require(opendir("\(path)/\(directory)"))
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func files(of target: String) throws -> [(name: String, bytes: [UInt8])] {
        try names(target).map { name in
            let number = open("\(path)/\(target)/\(name)", O_RDONLY | O_CLOEXEC)
            try #require(number >= 0, "\(target)/\(name)")
            defer { close(number) }
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65536)
            while case let count = read(number, &piece, piece.count), count > 0 { bytes += piece[..<count] }
            return (name, bytes)
        }
    }
}
