internal import ArgumentParser
internal import Glibc
internal import LinuxSystem

/// The destination of a result. A file that exists is replaced by the complete result, or left as it was.
///
/// A regular file is written without a name and linked at the end, so that a full disk or a signal leaves the old file.
/// Standard output, `-`, and FIFOs are written directly.
struct OutputFile: ~Copyable {
    private let path: String
    private let staged: StagedFile?
    private let descriptor: Int32
    private var failure: ExitCode?

    /// Opens the output. On failure, says why in one line and throws the exit status: 73, or 64 if standard output is a
    /// terminal and `refusingTerminal` names what cannot be read there.
    init(_ path: String, refusingTerminal thing: String? = nil) throws {
        self.path = path
        guard path != "-" else {
            if let thing, isatty(STDOUT_FILENO) == 1 {
                Terminal.say("\(thing) is nothing to read on a terminal: redirect it, or name a file with -o")
                throw ExitStatus.usage
            }
            staged = nil
            descriptor = STDOUT_FILENO
            return
        }
        do throws(FileError) {
            let staged = try StagedFile.begin(path, .result)
            self.staged = staged
            descriptor = staged.descriptor.number
        } catch {
            Terminal.say(Self.message(error, path))
            throw ExitStatus.cannotCreate
        }
    }

    /// Returns false once a write has failed, after which there is no point in going on. `commit` throws the failure.
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

    /// Gives the file its name. If that or an earlier write failed, throws the exit status: 74, or 141 if the reader of
    /// standard output has closed it.
    consuming func commit() throws {
        if let failure { throw failure }
        guard let staged else { return }
        do throws(FileError) {
            try staged.commit()
        } catch {
            Terminal.say("\(Self.message(error, path)); nothing is left of the result")
            throw ExitStatus.ioError
        }
    }

    /// Says why a path cannot be written, and what to do.
    static func message(_ failure: FileError, _ path: String) -> String {
        switch failure {
        case .system(ENXIO): "\(path): nobody reads from it; start its reader first, or name a file"
        case .system(let code): "\(path): \(Terminal.errorText(code))"
        case .notRegular: "\(path): is a device, a socket or another user's FIFO, and is not written; name a file"
        case .refused: "\(path): \(Terminal.errorText(EACCES))"
        case .foreignLink(let owner):
            "\(path): leads through a symbolic link of user \(owner), who could lead it anywhere; name the file itself"
        }
    }

    /// Writes all bytes. Returns the error number, or `nil` on success.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
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
