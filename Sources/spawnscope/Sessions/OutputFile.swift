internal import ArgumentParser
internal import Glibc
internal import LinuxSystem

/// Where a result goes that may take the place of a file: all of it, or nothing.
///
/// A regular file is written without a name and gets it at the end; a full disk or a signal leaves what was there. Standard output, `-`,
/// and a FIFO are written as they are.
struct OutputFile: ~Copyable {
    private let path: String
    private let staged: StagedFile?
    private let descriptor: Int32
    private var failure: ExitCode?

    /// Says in one line what is wrong, and throws the exit status: 73, or 64 for a terminal where `refusingTerminal` names the
    /// thing that is nothing to read there.
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
        do throws(FileError) {
            try staged.commit()
        } catch {
            Terminal.say("\(Self.message(error, path)); nothing is left of the result")
            throw ExitStatus.ioError
        }
    }

    /// Why a path cannot be written, and what to do.
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

    /// Not `nil` is the error's number.
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
