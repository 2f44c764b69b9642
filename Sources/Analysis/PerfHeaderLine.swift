/// The comm that a folded stack begins with when a sample's header line, as `perf script` prints it, is read back by the
/// usual script: it takes everything up to the first word that is a number.
///
/// So a comm that has such a word is cut there, and one of a single letter swallows what follows. Both are followed here
/// only to give the same lines (`--names perf`).
enum PerfHeaderLine {
    /// The plain case: two bytes or more, no word of digits. Spaces become `_`.
    static func foldedComm(_ comm: String, thread: Int32) -> String {
        guard comm.utf8.count < 2 || comm.utf8.contains(where: { $0 == 0x20 }) || thread < 0 else { return comm }
        // A comm of one byte needs a second one to match: the blank behind it, where the thread's number is padded to
        // five places, else nothing before the next number will do.
        let padding = String(repeating: " ", count: max(0, 5 - String(thread).utf8.count))
        let line = Array("\(comm) \(padding)\(thread) ".utf8)
        return commBeforeNumber(in: line) ?? comm.replacingBlanks()
    }

    /// The shortest prefix of at least two bytes that is followed by blanks, digits and a blank.
    private static func commBeforeNumber(in line: [UInt8]) -> String? {
        guard line.count > 2, line[0] != 0x20 else { return nil }
        for end in 2..<line.count {
            var index = end
            while index < line.count, line[index] == 0x20 { index += 1 }
            guard index > end else { continue }
            let digits = index
            while index < line.count, line[index] >= 0x30, line[index] <= 0x39 { index += 1 }
            guard index > digits else { continue }
            while index < line.count, line[index] == 0x2f { index += 1 }
            while index < line.count, line[index] >= 0x30, line[index] <= 0x39 { index += 1 }
            guard index < line.count, line[index] == 0x20 else { continue }
            return String(decoding: line[..<end], as: UTF8.self).replacingBlanks()
        }
        return nil
    }
}

extension String {
    fileprivate func replacingBlanks() -> String {
        String(decoding: utf8.map { $0 == 0x20 ? 0x5f : $0 }, as: UTF8.self)
    }
}
