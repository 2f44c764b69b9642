/// How much of a session has been read, how fast, and how long the rest will take. Shows nothing in the first second.
final class ReadingProgress {
    private let name: String
    private let size: Int
    private let start = ProgressLine.now
    private var shown = 0
    private let line: ProgressLine

    init(name: String, size: Int, isShown: Bool = true) {
        self.name = name
        line = ProgressLine(isShown: isShown)
        self.size = size
    }

    deinit { ProgressLine.erase() }

    func advance(to done: Int) {
        let now = ProgressLine.now
        let elapsed = now - start
        guard elapsed >= 1000, now - shown >= 200 else { return }
        shown = now
        line.show(Self.text(name: name, done: done, of: size, milliseconds: elapsed))
    }

    /// "build.data: 41% of 1.2 GiB, 180 MiB/s, about 4 s left".
    static func text(name: String, done: Int, of size: Int, milliseconds: Int) -> String {
        let (product, overflow) = done.multipliedReportingOverflow(by: 1000)
        let rate = overflow ? 0 : product / max(milliseconds, 1)
        let percent = size > 0 ? Int(min(Double(done) / Double(size), 1) * 100) : 100
        var text = "\(name): \(percent)% of \(Quantity.bytes(UInt64(max(size, 0))))"
        if rate > 0 {
            text += ", \(Quantity.bytes(UInt64(rate)))/s"
            if done < size { text += ", about \(ProgressLine.text(seconds: (size - done) / rate)) left" }
        }
        return text
    }
}
