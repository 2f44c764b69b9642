import CLinuxSystem
import Glibc
import Testing

/// A directory for one test, removed with all that is in it.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/tmp/spawnscope-scratch-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // As the kernel calls it.
        let number = open(made, O_PATH | O_DIRECTORY)
        path = (try? Self.target(of: number)) ?? made
        close(number)
    }

    deinit {
        clinux_remove_tree(path)
    }

    private let O_PATH: Int32 = 0x200000

    static func target(of number: Int32) throws -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/fd/\(number)", &bytes, bytes.count)
        try #require(count > 0)
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func makeDirectory(_ name: String) throws { try #require(mkdir(path + "/" + name, 0o755) == 0) }

    func link(_ name: String, to target: String) throws { try #require(symlink(target, path + "/" + name) == 0) }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        let number = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(number >= 0)
        defer { close(number) }
        try #require(Glibc.write(number, text, text.utf8.count) == text.utf8.count)
        try #require(fchmod(number, mode) == 0)
    }

    func text(_ name: String) -> String? {
        let file = OwnedFile(open(path + "/" + name, O_RDONLY))
        guard file.number >= 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file.number, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return lstat(path + "/" + name, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    var names: [String] {
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private struct OwnedFile: ~Copyable {
        let number: Int32
        init(_ number: Int32) { self.number = number }
        deinit { close(number) }
    }
}
