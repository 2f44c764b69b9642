import TestSupport

/// A small recording with other names in it, of as many bytes: paths, comms and command lines of whoever made them.
struct HostileSession {
    static let path = "/tmp/demo/spawner"
    static let argument = "./spawner"
    static let comm = "spawner\0"
    static let host = "demo\0"

    let file: String

    /// Each of `names` replaces one of as many bytes wherever it stands; the longer ones first.
    init(_ names: KeyValuePairs<String, String>, in directory: String, name: String = "hostile.data") throws {
        var bytes = try Compiler.bytes(FoldDirectory.recording("session"))
        for (old, new) in names {
            precondition(old.utf8.count == new.utf8.count)
            let (old, new) = (Array(old.utf8), Array(new.utf8))
            var index = 0
            while index + old.count <= bytes.count {
                guard bytes[index] == old[0], bytes[index..<index + old.count].elementsEqual(old) else {
                    index += 1
                    continue
                }
                bytes.replaceSubrange(index..<index + old.count, with: new)
                index += old.count
            }
        }
        file = directory + "/" + name
        try Compiler.write(bytes, to: file)
    }
}
