internal import ArgumentParser
internal import Budgets
internal import Glibc

/// Reads and writes budget files; says in one line what is wrong, and throws how to exit.
enum BudgetFileAccess {
    /// The bytes of a file, of one that is too large as many as tell that it is.
    static func bytes(_ path: String) throws(BudgetFileFailure) -> [UInt8] {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else {
            let remedy =
                errno == ENOENT ? "; write one from a session with 'spawnscope budget SESSION --file FILE --init'" : ""
            throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))\(remedy)", ExitStatus.noInput)
        }
        defer { close(number) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= BudgetFile.mostBytes {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.noInput)
            }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return bytes
    }

    static func parse(_ bytes: [UInt8], path: String) throws(BudgetFileFailure) -> BudgetFile {
        do throws(BudgetFileError) {
            return try BudgetFile(yaml: bytes)
        } catch {
            throw BudgetFileFailure(error.message(path: path), ExitStatus.dataError)
        }
    }
}

extension BudgetFileAccess {
    /// A new file; one that exists is not touched.
    static func create(_ path: String, _ bytes: [UInt8]) throws(BudgetFileFailure) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard number >= 0 else {
            guard errno != EEXIST else { throw exists(path) }
            throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.cannotCreate)
        }
        defer { close(number) }
        do throws(BudgetFileFailure) {
            try write(bytes, to: number, path)
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// A result: what stood there is gone.
    static func overwrite(_ path: String, _ bytes: [UInt8]) throws(BudgetFileFailure) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o666)
        guard number >= 0 else {
            throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.cannotCreate)
        }
        defer { close(number) }
        try write(bytes, to: number, path)
    }

    static func exists(_ path: String) -> BudgetFileFailure {
        BudgetFileFailure(
            "\(path): is there already: set its numbers with --update, or name another file", ExitStatus.cannotCreate)
    }

    /// An existing file gets other bytes, all at once: whoever reads it has the one or the other. Its mode stays, and a link stays
    /// a link.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(BudgetFileFailure) {
        guard let resolved = unsafe realpath(path, nil) else {
            throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.cannotCreate)
        }
        let target = unsafe String(cString: resolved)
        unsafe free(resolved)
        var status = stat()
        let staged = "\(target).\(getpid()).new"
        let number = unsafe open(staged, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0, unsafe stat(target, &status) == 0 else {
            throw BudgetFileFailure("\(staged): \(Terminal.errorText(errno))", ExitStatus.cannotCreate)
        }
        defer { close(number) }
        do throws(BudgetFileFailure) {
            try write(bytes, to: number, staged)
            // Without the right to it, the file becomes the writer's own.
            _ = fchown(number, status.st_uid, status.st_gid)
            guard fchmod(number, status.st_mode & 0o7777) == 0, fsync(number) == 0,
                unsafe rename(staged, target) == 0
            else { throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.cannotCreate) }
        } catch {
            _ = unsafe unlink(staged)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to number: Int32, _ path: String) throws(BudgetFileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw BudgetFileFailure("\(path): \(Terminal.errorText(errno))", ExitStatus.ioError)
            }
            rest = rest.dropFirst(count)
        }
    }
}
