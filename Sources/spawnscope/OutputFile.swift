internal import ArgumentParser
internal import Glibc

/// Where a result goes that may take the place of a file: all of it, or nothing.
///
/// A regular file is written beside its name and gets the name at the end; a full disk or a signal leaves what was there. What is
/// no regular file (a device, a pipe) and standard output, `-`, are written as they are.
struct OutputFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var staged: Staged?
    private var failure: ExitCode?

    /// What is renamed at the end, and what to.
    private struct Staged {
        var path: String
        var target: String
        /// It has its name already, and not only when all is written.
        var isNamed: Bool
    }

    /// O_TMPFILE (open(2)) has O_DIRECTORY in it; the importer sees neither of its parts together.
    private static let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY

    /// Says in one line what is wrong, and throws the exit status: 73, or 64 for a terminal where `refusingTerminal` names the
    /// thing that is nothing to read there.
    init(_ path: String, refusingTerminal thing: String? = nil) throws {
        let (descriptor, staged) = try Self.open(path, refusingTerminal: thing)
        self.init(path: path, descriptor: descriptor, staged: staged)
    }

    private init(path: String, descriptor: Int32, staged: Staged?) {
        self.path = path
        self.descriptor = descriptor
        self.staged = staged
        failure = nil
    }

    private static func open(
        _ path: String, refusingTerminal thing: String?
    ) throws -> (descriptor: Int32, staged: Staged?) {
        guard path != "-" else {
            if let thing, isatty(STDOUT_FILENO) == 1 {
                Terminal.say("\(thing) is nothing to read on a terminal: redirect it, or name a file with -o")
                throw ExitStatus.usage
            }
            return (STDOUT_FILENO, nil)
        }
        var status = stat()
        let exists = unsafe stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw refuse(path, errno) }
            return (descriptor, nil)
        }
        // Through a link to what it leads to: the link stays a link.
        let target = exists ? try resolved(path) : path
        let slash = target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex
        let beside = "\(target[..<slash]).spawnscope.\(getpid()).new"
        // A file without a name is gone with the process, whatever ends that; not every file system has them.
        let directory = slash == target.startIndex ? "." : String(target[..<slash])
        let nameless = unsafe Glibc.open(directory, O_WRONLY | temporaryFile | O_CLOEXEC, 0o666)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY
        let descriptor = nameless >= 0 ? nameless : unsafe Glibc.open(beside, flags, 0o666)
        guard descriptor >= 0 else { throw refuse(path, errno) }
        // A file that is replaced keeps its mode.
        if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
        return (descriptor, Staged(path: beside, target: target, isNamed: nameless < 0))
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
        if let staged { _ = unsafe unlink(staged.path) }
    }

    /// False once something could not be written: there is no use in going on. `commit` tells.
    mutating func write(_ bytes: [UInt8]) -> Bool {
        guard failure == nil else { return false }
        if descriptor == STDOUT_FILENO {
            failure = Terminal.write(bytes)
        } else if let code = Self.write(bytes, to: descriptor) {
            Terminal.say("\(path): \(Terminal.errorText(code)); nothing is left of the result")
            failure = ExitStatus.ioError
        }
        return failure == nil
    }

    /// Gives the file its name. Throws the exit status where it, or a write before, failed: 74, or 141 where the reader of
    /// standard output has left.
    consuming func commit() throws {
        if let failure { throw failure }
        guard let staged else { return }
        // What a file system keeps for later (NFS, quotas) fails here, if it does.
        guard fsync(descriptor) == 0, staged.isNamed || Self.name(descriptor, staged.path),
            unsafe rename(staged.path, staged.target) == 0
        else {
            Terminal.say("\(path): \(Terminal.errorText(errno)); nothing is left of the result")
            throw ExitStatus.ioError
        }
        self.staged = nil
    }

    /// linkat(2) names what has no name.
    private static func name(_ descriptor: Int32, _ path: String) -> Bool {
        unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
    }

    private static func refuse(_ path: String, _ code: Int32) -> ExitCode {
        Terminal.say("\(path): \(Terminal.errorText(code))")
        return ExitStatus.cannotCreate
    }

    private static func resolved(_ path: String) throws -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw refuse(path, errno) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Not `nil` is the error's number.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}
