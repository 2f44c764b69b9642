internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import LinuxSystem

/// Reads and writes budget files. Failures are thrown as a one-line message with an exit status.
enum BudgetFileAccess {
    /// Reads a file, but at most one byte more than `BudgetFile.mostBytes`: enough to detect one that is too large.
    /// Call this before a worker starts, which cannot open the file.
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
    /// Creates a new file; fails if the path exists.
    static func create(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .new)
    }

    /// Appends to the file, as GITHUB_STEP_SUMMARY requires, or creates it.
    static func append(_ path: String, _ bytes: [UInt8]) throws(BudgetCommandError) {
        try write(bytes, path, .appended)
    }

    /// Makes the file, or replaces its bytes atomically. One that is there keeps its mode, and a symbolic link stays a link.
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
