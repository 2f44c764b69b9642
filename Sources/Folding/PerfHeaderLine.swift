/// The first line of a sample as `perf script` prints it, and what stackcollapse-perf.pl reads from it.
///
///     make 1234 [001]   567.891011:     250000 cpu-clock:
///     └─┬┘ the comm: the shortest stretch of two bytes or more that is followed by blanks, a number and a blank
///
/// So a comm is cut before a word that is a number. A comm of a single letter swallows its thread's number, and if that
/// has five digits also the time. One that begins with a blank, or is empty, is not recognized. All this is done here
/// only to give the same lines (`--names perf`).
struct PerfHeaderLine {
    var comm: String
    var thread: Int32
    /// `nil` if samples have none.
    var cpu: UInt32?
    /// Nanoseconds.
    var time: UInt64
    /// `nil` for tracepoints, whose lines have none.
    var period: UInt64?
    var event: String

    /// Whether the script reads the comm back unchanged, whatever the rest of its line is.
    static func isPlain(_ comm: String, thread: Int32) -> Bool {
        thread >= 0 && comm.utf8.count >= 2 && !comm.utf8.contains(0x20)
    }

    /// The comm at the start of the folded stack; `nil` if the script does not take the line for a sample's.
    var foldedComm: String? {
        let line = Array(text.utf8)
        guard line.count > 2, line[0] != 0x20 else { return nil }
        for end in 2..<line.count where isNumber(line, after: end) {
            return String(decoding: line[..<end].map { $0 == 0x20 ? 0x5f : $0 }, as: UTF8.self)
        }
        return nil
    }

    private var text: String {
        var text = "\(comm) \(padded(String(thread), 5)) "
        if let cpu {
            let digits = String(cpu)
            text += "[\(String(repeating: "0", count: max(0, 3 - digits.utf8.count)))\(digits)] "
        }
        let microseconds = String(1_000_000 + time / 1000 % 1_000_000).dropFirst()
        text += "\(padded(String(time / 1_000_000_000), 5)).\(microseconds): "
        if let period { text += "\(padded(String(period), 10)) " }
        return text + "\(event): "
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }

    /// Whether `start` is followed by blanks, then digits, perhaps slashes and more digits, then a blank.
    private func isNumber(_ line: [UInt8], after start: Int) -> Bool {
        var index = start
        func skip(_ isWanted: (UInt8) -> Bool) -> Int {
            let from = index
            while index < line.count, isWanted(line[index]) { index += 1 }
            return index - from
        }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard skip({ $0 == 0x20 }) > 0, skip(isDigit) > 0 else { return false }
        _ = skip { $0 == 0x2f }
        _ = skip(isDigit)
        return index < line.count && line[index] == 0x20
    }
}
