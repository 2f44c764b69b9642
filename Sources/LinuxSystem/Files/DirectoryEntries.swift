internal import Glibc

/// The names in a directory.
package enum DirectoryEntries {
    /// Calls `body` with each name except `.` and `..`, until it returns false.
    package static func forEach(
        in directory: consuming OwnedDescriptor, _ body: (String) -> Bool
    ) throws(SystemError) {
        let number = directory.release()
        guard let stream = unsafe fdopendir(number) else {
            let code = errno
            close(number)
            throw SystemError(code)
        }
        defer { unsafe _ = closedir(stream) }
        while let entry = unsafe readdir(stream) {
            // The name and its NUL lie inside the entry.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if !body(name) { return }
        }
    }

    /// Calls `body` with the name and the inode of each directory in a directory of a file system that tells with the names
    /// what they are (kernfs does).
    package static func forEachDirectory(
        in directory: consuming OwnedDescriptor, _ body: (_ name: [UInt8], _ inode: UInt64) -> Void
    ) {
        let number = directory.release()
        guard let stream = unsafe fdopendir(number) else {
            close(number)
            return
        }
        defer { unsafe _ = closedir(stream) }
        while let entry = unsafe readdir(stream) {
            guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            unsafe body(name, UInt64(entry.pointee.d_ino))
        }
    }

    /// The names that do not begin with a dot; empty if the directory cannot be read.
    package static func names(in path: String) -> [String] {
        var names: [String] = []
        if let directory = try? OwnedDescriptor(listing: path) {
            try? forEach(in: directory) { name in
                if !name.hasPrefix(".") { names.append(name) }
                return true
            }
        }
        return names
    }

    /// The names that are numbers, ascending: processes in /proc, threads in /proc/PID/task.
    package static func numbers(in path: String) -> [Int32] { names(in: path).compactMap { Int32($0) }.sorted() }
}
