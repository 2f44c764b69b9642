import Glibc
import Testing

@testable import Capture

@Suite struct SpawnerFileTests {
    /// As of proc_pid_stat(5): the 23rd field is the size, the 39th the CPU.
    private func line(_ name: String, fields: Int = 52) -> [UInt8] {
        let rest = (4...fields).map { $0 == 23 ? "8192000" : $0 == 39 ? "5" : $0 == 8 ? "-1" : "\($0)" }
        return Array("123 (\(name)) S \(rest.joined(separator: " "))\n".utf8)
    }

    @Test(arguments: ["make", "a) R (b", "", "((", "fifteen letters"])
    func namesOfAllKinds(name: String) throws {
        let state = try #require(SpawnerFile.parse(line(name)))
        #expect(state.name == TraceeName(name.utf8) && state.mappedBytes == 8_192_000 && state.cpu == 5)
    }

    @Test func whatIsCutOff() throws {
        #expect(SpawnerFile.parse([]) == nil && SpawnerFile.parse(Array("123 (make".utf8)) == nil)
        #expect(SpawnerFile.parse(Array("123 )make(".utf8)) == nil)
        let short = try #require(SpawnerFile.parse(line("make", fields: 30)))
        #expect(short.mappedBytes == 8_192_000 && short.cpu == nil)
    }

    @Test func thisProcess() throws {
        var file = SpawnerFile()
        for _ in 0..<2 {
            let read = file.state(of: getpid())
            let state = try #require(read)
            #expect(state.name == TraceeName(of: getpid()) && state.mappedBytes > 4096 && state.cpu != nil)
        }
        // No process has this number.
        let gone = file.state(of: 1 << 30)
        #expect(gone == nil)
    }
}
