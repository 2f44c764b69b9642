internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import LinuxSystem

/// Reads and writes budget files; says in one line what is wrong, and throws how to exit.
enum BudgetFileAccess {
    /// The bytes of a file, of one that is too large as many as tell that it is. To be called before a worker is made, which opens nothing.
    static func bytes(_ path: String) throws(BudgetCommandError) -> [UInt8] {
        do throws(FileError) {
            let file = try FileAccess.open(.session(path: path))
            guard (try? FileStatus(file.number))?.isDirectory == false else { throw .system(EISDIR) }
            guard let bytes = file.bytes(limit: BudgetFile.mostBytes + 1) else { throw .system(errno) }
            return bytes
        } catch {
            let remedy =
                error == .system(ENOENT)
                ? "; write one from a session with 'spawnscope budget SESSION --file FILE --init'" : ""
            let text =
                error == .notRegular
                ? "\(path): is no regular file; name a budget file" : OutputFile.message(error, path)
            throw BudgetCommandError(text + remedy, ExitStatus.noInput)
        }
    }

    static func parse(_ bytes: [UInt8], path: String) throws(BudgetCommandError) -> BudgetFile {
        do throws(BudgetFileError) {
            return try BudgetFile(yaml: bytes)
        } catch {
            throw BudgetCommandError(error.message(path: path), ExitStatus.dataError)
        }
    }
}

extension BudgetFileAccess {
    /// A new file; one that exists is not touched.
    static func create(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .new)
    }

    /// A result: what stood there is gone.
    static func overwrite(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .result)
    }

    /// Behind what the file has already, as GITHUB_STEP_SUMMARY wants it; a new one where there is none.
    static func append(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .appended)
    }

    /// An existing file gets other bytes, all at once: whoever reads it has the one or the other. Its mode stays, and a link stays
    /// a link.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .result)
    }

    private static func write(
        _ bytes: [UInt8], _ path: String, _ purpose: StagedFile.Purpose
    ) throws(BudgetCommandError) {
        let staged: StagedFile
        do throws(FileError) {
            staged = try StagedFile.begin(path, purpose)
        } catch .system(EEXIST) {
            throw exists(path)
        } catch {
            throw BudgetCommandError(OutputFile.message(error, path), ExitStatus.cannotCreate)
        }
        if let code = OutputFile.write(bytes, to: staged.descriptor.number) {
            throw BudgetCommandError("\(path): \(Terminal.errorText(code))", ExitStatus.ioError)
        }
        do throws(FileError) {
            try staged.commit()
        } catch .system(EEXIST) {
            throw exists(path)
        } catch {
            throw BudgetCommandError(OutputFile.message(error, path), ExitStatus.cannotCreate)
        }
    }

    static func exists(_ path: String) -> BudgetCommandError {
        BudgetCommandError(
            "\(path): is there already: set its numbers with --update, or name another file", ExitStatus.cannotCreate)
    }
}
