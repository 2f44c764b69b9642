import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import Capture

/// What the tracer reads from another process's memory, read from this one's.
struct TraceeTests {
    private var me: Int32 { getpid() }
    private var maps: [UInt8] { EarlierProcess.maps(of: getpid()) }

    @Test func theCallsOfThisProcessesLibc() throws {
        let places = AttemptPlaces(of: me, maps: maps)
        // execve, execveat and fexecve, each behind its system call, and syscall(2)'s own.
        #expect(places.returns.count == 3 && Set(places.returns).count == 3)
        let call: [UInt8] = [0x0f, 0x05]
        for place in places.returns { #expect(Tracee.memory(of: me, at: place - 2, size: 2) == call) }
        #expect(Tracee.memory(of: me, at: try #require(places.anyCall), size: 2) == call)
        #expect(places.places(bySpawn: true) == [places.returns[0]])
        #expect(places.places(bySpawn: false).count == 4)
    }

    @Test func noLibcNoPlaces() {
        let others = Array("7f0000000000-7f0000001000 r--p 00000000 08:01 12   /usr/lib/libm.so.6\n".utf8)
        #expect(AttemptPlaces(of: me, maps: others).isEmpty)
        #expect(AttemptPlaces(of: me, maps: Array("nonsense /libc.so.6\n \n/\n".utf8)).isEmpty)
    }

    /// A file that only calls itself libc, in memory that its process may change as it likes: nothing traps, nothing is
    /// endless, whatever the bytes.
    @Test func hostileImages() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Xorshift(seed: seed)
        let real = try #require(Self.base(of: "libc.so.6", in: maps))
        let image = Tracee.memory(of: me, at: real, size: 64 << 10)
        #expect(image.count == 64 << 10)
        for _ in 0..<400 {
            var bytes = image
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                // The headers above all.
                let place = Int.random(in: 0..<(Bool.random(using: &random) ? 1024 : bytes.count), using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            unsafe bytes.withUnsafeBytes { memory in
                let base = UInt64(UInt(bitPattern: memory.baseAddress))
                let symbols = LoadedSymbols(of: me, base: base)
                for name in ["execve", "syscall", "", String(repeating: "x", count: 5000)] {
                    _ = symbols?.address(of: name)
                }
            }
        }
        print("seed \(seed)")
    }

    @Test func stringsEndWhereMemoryDoes() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let memory = unsafe try #require(
            mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { unsafe munmap(memory, 2 * page) }
        unsafe mprotect(memory + page, page, PROT_NONE)
        let last = UInt64(UInt(bitPattern: memory)) + UInt64(page) - 4
        unsafe memset(memory, 0x61, page)
        // Without an end, then with one, and nowhere.
        #expect(Tracee.string(of: me, at: last, limit: 4096) == Array("aaaa".utf8))
        unsafe (memory + page - 1).storeBytes(of: 0, as: UInt8.self)
        #expect(Tracee.string(of: me, at: last, limit: 4096) == Array("aaa".utf8))
        #expect(Tracee.string(of: me, at: last, limit: 2) == Array("aa".utf8))
        #expect(Tracee.string(of: me, at: 8, limit: 100) == nil)
        #expect(Tracee.word(of: me, at: last) == nil && Tracee.word(of: me, at: UInt64.max - 3) == nil)
    }

    private static func base(of name: String, in maps: [UInt8]) -> UInt64? {
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") where line.hasSuffix("/" + name) {
            return line.split(separator: "-").first.flatMap { UInt64($0, radix: 16) }
        }
        return nil
    }
}
