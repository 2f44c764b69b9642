/// A request of a worker, which may open nothing, to its parent. The answer is a descriptor or a `FileError`.
package enum FileRequest: Hashable, Sendable {
    /// An ELF file: a program, a library, or a file with their debug information.
    case image(path: String)
    /// A session that the user named: a file, a directory of `perf record --threads`, or a FIFO of the user's own.
    case session(path: String)
    /// A file in a directory of `perf record --threads`.
    case sessionPart(directory: String, name: String)
    /// A text file: the kernel's symbols and notes, a process's stat and status in procfs, or a copy of kallsyms in
    /// perf's cache.
    case text(path: String)
    /// A JIT compiler's `perf-PID.map` or `jit-PID.dump` below `directory`, which `parts` do not lead out of.
    case jit(directory: String, parts: [String])
    /// An unnamed file to write and read.
    case temporary
    /// A file that gets the name `path`, replacing any file there, when it is complete: see `StagedFile`.
    case stage(path: String, purpose: StagedFile.Purpose)
    /// The staged file of this token is complete and gets its name.
    case commit(token: UInt64)
    /// The debug information, or the program itself, for a build ID, from the servers that the user named.
    case debugFile(buildID: [UInt8], isProgram: Bool)
}

/// Why a request gave no descriptor.
package enum FileError: Error, Hashable, Sendable {
    /// An errno.
    case system(Int32)
    /// Not a regular file (a device, FIFO, socket or directory), or one of a kernel file system that may not be opened.
    case notRegular
    /// Not allowed: for instance not an ELF file, not a JIT compiler's file name, or not a path that the user named.
    case refused
    /// The path leads through a symbolic link of an untrusted user, with this uid.
    case foreignLink(UInt32)
}

// MARK: - As messages

extension FileRequest {
    /// The limit of a message in bytes; a path has at most 4,096.
    static let longest = 1 << 14

    /// `nil` if the message would be too long.
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

    /// `nil` if the bytes are not a request.
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

/// The message of an answer, beside which a descriptor may be sent.
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

/// Builds a message: numbers are little-endian, texts and bytes follow their two-byte length.
struct RequestWriter {
    private(set) var result: [UInt8] = []

    mutating func byte(_ value: UInt8) { result.append(value) }

    mutating func number(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { result.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func text(_ value: String) { bytes(Array(value.utf8)) }

    /// Appends bytes. Too many of them make the whole message too long.
    mutating func bytes(_ value: [UInt8]) {
        let count = min(value.count, FileRequest.longest)
        result.append(UInt8(truncatingIfNeeded: count))
        result.append(UInt8(truncatingIfNeeded: count >> 8))
        result += value.prefix(count)
        if value.count > count { result += [UInt8](repeating: 0, count: FileRequest.longest) }
    }
}

/// Parses a message. Missing fields read as empty and set `isBroken`.
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

    /// A text with a NUL is rejected: the kernel would see a shorter path than this program.
    mutating func text() -> String {
        let bytes = bytes()
        if bytes.contains(0) { isBroken = true }
        return String(decoding: bytes, as: UTF8.self)
    }
}
