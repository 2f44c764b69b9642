import LinuxSystem

/// The instructions of a program's libc at which exec attempts that failed return, and at which calls by number begin.
/// A debug register for each has a new process stop there, and nowhere else.
struct AttemptPlaces: Hashable {
    /// Behind the system calls of execve, execveat and fexecve; of a libc without execveat fewer.
    private(set) var returns: [UInt64] = []
    /// The one of syscall(2).
    private(set) var anyCall: UInt64?

    init() {}

    /// What is found in the program that a process runs; nothing in static ones, and in a libc without symbols.
    ///
    /// `maps`: its /proc/PID/maps. Memory alone is read, since a file of that name may be another one by now.
    init(of process: Int32, maps: [UInt8]) {
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let base = Self.start(line), let symbols = LoadedSymbols(of: process, base: base) else { continue }
            guard let execve = symbols.address(of: "execve").flatMap({ Self.call(in: process, at: $0) }) else {
                continue
            }
            returns = [execve + 2]
            for name in ["execveat", "fexecve"] {
                if let place = symbols.address(of: name).flatMap({ Self.call(in: process, at: $0) }) {
                    returns.append(place + 2)
                }
            }
            anyCall = symbols.address(of: "syscall").flatMap { Self.call(in: process, at: $0) }
            return
        }
    }

    var isEmpty: Bool { returns.isEmpty }

    /// For a process that posix_spawn(3) created, which executes by execve alone and soon, one place is enough: each costs
    /// as much as a stop.
    func places(bySpawn: Bool) -> [UInt64] {
        bySpawn ? Array(returns.prefix(1)) : returns + (anyCall.map { [$0] } ?? [])
    }

    /// Where the beginning of a libc's file is mapped, by a line of the maps.
    private static func start(_ line: ArraySlice<UInt8>) -> UInt64? {
        guard let slash = line.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = line[(slash + 1)...]
        guard ["libc.so", "libc-", "ld-musl-"].contains(where: { name.starts(with: $0.utf8) }) else { return nil }
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard fields.count == 4, fields[2].allSatisfy({ $0 == UInt8(ascii: "0") }),
            let range = fields[0].split(separator: UInt8(ascii: "-")).first
        else { return nil }
        return UInt64(String(decoding: range, as: UTF8.self), radix: 16)
    }

    /// The first `syscall` instruction of a function (0f 05).
    private static func call(in process: Int32, at function: UInt64) -> UInt64? {
        let code = Tracee.memory(of: process, at: function, size: 96)
        for index in code.indices.dropLast() where code[index] == 0x0f && code[index + 1] == 0x05 {
            return function + UInt64(index)
        }
        return nil
    }
}
