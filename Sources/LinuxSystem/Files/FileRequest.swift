/// What a process that may open nothing asks its parent for. Each is answered by a descriptor, or by why there is none.
package enum FileRequest: Hashable, Sendable {
    /// An ELF file: a program, a library, what holds their debug information.
    case image(path: String)
    /// A session that the user named: a file, a directory of `perf record --threads`, a FIFO of the user's own.
    case session(path: String)
    /// A file of a directory of `perf record --threads`.
    case sessionPart(directory: String, name: String)
    /// What the kernel or perf's cache has as text: its symbols and notes, or what procfs tells of one process.
    case text(path: String)
    /// What a JIT compiler left, `perf-PID.map` or `jit-PID.dump`, below a directory out of which the parts do not lead.
    case jit(directory: String, parts: [String])
    /// A file without a name, to be written and read.
    case temporary
    /// A file that takes the place of the one at a path, or is new there, once it is complete: see `StagedFile`.
    case stage(path: String, purpose: StagedFile.Purpose)
    /// That file is complete.
    case commit(token: UInt64)
    /// The debug information, or the program itself, of a build, from the servers that the user named.
    case debugFile(buildID: [UInt8], isProgram: Bool)
}

/// Why a request gave no descriptor.
package enum FileError: Error, Hashable, Sendable {
    /// An errno.
    case system(Int32)
    /// A device, FIFO, socket or directory, where a regular file is asked for.
    case notRegular
    /// Something else than what was asked for: no ELF file, no name that a JIT compiler gives, no path that the user named.
    case refused
    /// The path leads through a symbolic link that belongs to somebody else; the user's number.
    case foreignLink(UInt32)
}

// MARK: - As messages

extension FileRequest {
    /// No message is longer, in bytes: a path has 4,096 at most.
    static let longest = 1 << 14

    /// `nil` where it would be too long.
    func encoded() -> [UInt8]? {
        var message = RequestWriter()
        switch self {
        case .image(let path):
            message.byte(1)
            message.text(path)
        case .session(let path):
            message.byte(2)
            message.text(path)
        case .sessionPart(let directory, let name):
            message.byte(3)
            message.text(directory)
            message.text(name)
        case .text(let path):
            message.byte(4)
            message.text(path)
        case .jit(let directory, let parts):
            message.byte(5)
            message.text(directory)
            for part in parts { message.text(part) }
        case .temporary: message.byte(6)
        case .stage(let path, let purpose):
            message.byte(7)
            message.byte(purpose.rawValue)
            message.text(path)
        case .commit(let token):
            message.byte(8)
            message.number(token)
        case .debugFile(let buildID, let isProgram):
            message.byte(9)
            message.byte(isProgram ? 1 : 0)
            message.bytes(buildID)
        }
        return message.result.count <= Self.longest ? message.result : nil
    }

    /// `nil` for what is no request.
    init?(decoding bytes: [UInt8]) {
        var message = RequestReader(bytes)
        switch message.byte() {
        case 1: self = .image(path: message.text())
        case 2: self = .session(path: message.text())
        case 3: self = .sessionPart(directory: message.text(), name: message.text())
        case 4: self = .text(path: message.text())
        case 5:
            let directory = message.text()
            var parts: [String] = []
            while !message.isAtEnd, !message.isBroken { parts.append(message.text()) }
            self = .jit(directory: directory, parts: parts)
        case 6: self = .temporary
        case 7:
            guard let purpose = message.byte().flatMap(StagedFile.Purpose.init) else { return nil }
            self = .stage(path: message.text(), purpose: purpose)
        case 8: self = .commit(token: message.number())
        case 9:
            let isProgram = message.byte() == 1
            self = .debugFile(buildID: message.bytes(), isProgram: isProgram)
        default: return nil
        }
        guard message.isAtEnd, !message.isBroken else { return nil }
    }
}

/// What stands in an answer beside the descriptor.
struct FileAnswer: Equatable {
    var failure: FileError?
    var token: UInt64 = 0

    /// Bytes of an answer.
    static let size = 17

    func encoded() -> [UInt8] {
        var message = RequestWriter()
        let (kind, code): (UInt8, UInt32) =
            switch failure {
            case nil: (0, 0)
            case .system(let code): (1, UInt32(bitPattern: code))
            case .notRegular: (2, 0)
            case .refused: (3, 0)
            case .foreignLink(let user): (4, user)
            }
        message.byte(kind)
        message.number(UInt64(code))
        message.number(token)
        return message.result
    }

    init(failure: FileError? = nil, token: UInt64 = 0) {
        self.failure = failure
        self.token = token
    }

    init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        var message = RequestReader(bytes)
        let kind = message.byte()
        let code = UInt32(truncatingIfNeeded: message.number())
        token = message.number()
        switch kind {
        case 0: failure = nil
        case 1: failure = .system(Int32(bitPattern: code))
        case 2: failure = .notRegular
        case 3: failure = .refused
        case 4: failure = .foreignLink(code)
        default: return nil
        }
    }
}

/// Puts a message together: numbers little-endian, texts and bytes behind their length in two bytes.
struct RequestWriter {
    private(set) var result: [UInt8] = []

    mutating func byte(_ value: UInt8) { result.append(value) }

    mutating func number(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { result.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func text(_ value: String) { bytes(Array(value.utf8)) }

    /// One that is too long makes the message too long.
    mutating func bytes(_ value: [UInt8]) {
        let count = min(value.count, FileRequest.longest)
        result.append(UInt8(truncatingIfNeeded: count))
        result.append(UInt8(truncatingIfNeeded: count >> 8))
        result += value.prefix(count)
        if value.count > count { result += [UInt8](repeating: 0, count: FileRequest.longest) }
    }
}

/// Takes a message apart; what is not there is empty, and told.
struct RequestReader {
    private let message: [UInt8]
    private var place = 0
    private(set) var isBroken = false

    init(_ message: [UInt8]) { self.message = message }

    var isAtEnd: Bool { place >= message.count }

    mutating func byte() -> UInt8? {
        guard place < message.count else {
            isBroken = true
            return nil
        }
        defer { place += 1 }
        return message[place]
    }

    mutating func number() -> UInt64 {
        (0..<8).reduce(UInt64(0)) { value, index in value | UInt64(byte() ?? 0) << UInt64(8 * index) }
    }

    mutating func bytes() -> [UInt8] {
        let count = Int(byte() ?? 0) | Int(byte() ?? 0) << 8
        guard !isBroken, count <= message.count - place else {
            isBroken = true
            return []
        }
        defer { place += count }
        return Array(message[place..<place + count])
    }

    /// A text with a NUL in it would name another file to the kernel than to us.
    mutating func text() -> String {
        let bytes = bytes()
        if bytes.contains(0) { isBroken = true }
        return String(decoding: bytes, as: UTF8.self)
    }
}
