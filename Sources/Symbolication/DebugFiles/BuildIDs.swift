/// Build IDs as byte strings: comparing them and finding files by them.
enum BuildIDs {
    /// Whether they are equal, or the recorded one is the other, cut or zero-padded to 20 bytes as old recorders always
    /// did.
    static func match(recorded: [UInt8], found: [UInt8]) -> Bool {
        if recorded == found { return true }
        guard recorded.count == 20, !found.isEmpty else { return false }
        return recorded.starts(with: found.prefix(20)) && recorded.dropFirst(found.count).allSatisfy { $0 == 0 }
    }

    /// Lower-case hex.
    static func hexadecimal(_ buildID: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(buildID.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// `DIRECTORY/.build-id/ab/cdef…`, the layout that all tools use; `nil` if the build ID is too short.
    static func path(in directory: String, _ buildID: [UInt8]) -> String? {
        guard buildID.count > 1 else { return nil }
        let text = hexadecimal(buildID)
        return "\(directory)/.build-id/\(text.prefix(2))/\(text.dropFirst(2))"
    }

    /// The GNU build ID among ELF notes of 4-byte alignment, which is what `/sys/kernel/notes` holds.
    static func inNotes(_ notes: [UInt8]) -> [UInt8]? {
        var rest = notes[...]
        func word(_ at: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(rest[rest.startIndex + at + $1]) << (8 * $1) }
        }
        while rest.count >= 12 {
            let (nameSize, size, type) = (word(0), word(4), word(8))
            let descriptor = 12 + (nameSize + 3) & ~3
            guard descriptor + size <= rest.count else { return nil }
            if type == 3, nameSize == 4, rest.dropFirst(12).starts(with: [0x47, 0x4E, 0x55, 0]) {
                return Array(rest.dropFirst(descriptor).prefix(size))
            }
            rest = rest.dropFirst(descriptor + (size + 3) & ~3)
        }
        return nil
    }
}
