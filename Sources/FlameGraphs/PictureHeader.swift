internal import Presentation
internal import Profiles

/// The text above the frames: the title, what is counted, remarks, and the legend. Lines fit a window 400 pixels wide.
struct PictureHeader {
    private struct Line {
        var text: String
        var style: StaticString
        var height: Int
    }

    private let lines: [Line]
    private let graph: FlameGraph
    /// Widths in hundredths of the font size, for the 380 usable pixels of such a window: 13 pixel text and the 17
    /// pixel title.
    private static let lineWidth = 2920
    private static let titleWidth = 2230
    /// More remarks would push the frames out of sight; standard error has all of them.
    private static let mostRemarks = 5
    private static let legendRow = 22
    private static let legendColumn = 124
    private static let legendColumns = 3

    init(_ graph: FlameGraph) {
        self.graph = graph
        let options = graph.options
        var lines: [Line] = []
        func add(
            _ text: String, _ style: StaticString, height: Int = 18, width: Int = Self.lineWidth, most: Int = 3
        ) {
            for part in DisplayText.wrapped(ForeignText.shown(text), width: width, most: most) {
                lines.append(Line(text: part, style: style, height: height))
            }
        }
        add(options.title, "title", height: 24, width: Self.titleWidth, most: 2)
        for line in options.lines { add(line, "") }
        for remark in options.remarks.prefix(Self.mostRemarks) { add("! " + remark, "warn") }
        let more = options.remarks.count - Self.mostRemarks
        if more > 0 { add("! and \(more) more remarks", "warn") }
        for line in graph.leftOutLines { add(line, "quiet") }
        if graph.pair.isComparison {
            let what = options.normalises ? "a frame's share of its run" : "a frame's number"
            add("Colour: how \(what) changed from base to head", "")
        }
        self.lines = lines
    }

    var height: Int { lines.reduce(8) { $0 + $1.height } + 6 + legendHeight }

    func draw(_ xml: inout XMLText) {
        var y = 4
        for line in lines {
            y += line.height
            xml.append("<text x=\"10\" y=\"")
            xml.append(y)
            xml.append("\" class=\"")
            xml.append(line.style)
            xml.append("\">")
            xml.appendEscaped(line.text)
            xml.append("</text>\n")
        }
        if graph.pair.isComparison { drawScale(top: y + 10, &xml) } else { drawLayers(top: y + 10, &xml) }
    }

    private var legendHeight: Int {
        if graph.pair.isComparison { return Self.legendRow * 2 }
        let rows = (layers.count + Self.legendColumns - 1) / Self.legendColumns
        return max(rows, 1) * Self.legendRow
    }

    /// The layers in the picture, outermost first.
    private var layers: [FrameLayer] {
        let present = Set(graph.layout.frames.dropFirst().map { Palette.layer(of: $0, in: graph) })
        return FrameLayer.allCases.filter { present.contains($0) && $0 != .unknown }
            + (present.contains(.unknown) ? [.unknown] : [])
    }

    private func drawLayers(top: Int, _ xml: inout XMLText) {
        for (index, layer) in layers.enumerated() {
            let x = 10 + index % Self.legendColumns * Self.legendColumn
            let y = top + index / Self.legendColumns * Self.legendRow
            xml.appendSwatch(x: x, y: y, width: 14, colourClass: "c", Int(layer.rawValue))
            xml.appendText(x: x + 20, y: y + 12, Palette.word(layer))
        }
    }

    private func drawScale(top: Int, _ xml: inout XMLText) {
        let width = 26
        let steps = Difference.steps * 2 + 1
        for step in 0..<steps {
            xml.appendSwatch(x: 10 + step * width, y: top, width: width, colourClass: "d", step)
        }
        let words = ["gone", "half", "same", "twice", "new"]
        for (step, word) in zip([0, 2, 5, 8, 10], words) {
            xml.appendText(x: 10 + step * width, y: top + 30, word)
        }
    }
}

extension XMLText {
    fileprivate mutating func appendSwatch(x: Int, y: Int, width: Int, colourClass: StaticString, _ number: Int) {
        append("<rect class=\"")
        append(colourClass)
        append(number)
        append("\" x=\"")
        append(x)
        append("\" y=\"")
        append(y)
        append("\" width=\"")
        append(width)
        append("\" height=\"14\"/>\n")
    }

    fileprivate mutating func appendText(x: Int, y: Int, _ text: String) {
        append("<text x=\"")
        append(x)
        append("\" y=\"")
        append(y)
        append("\">")
        appendEscaped(text)
        append("</text>\n")
    }
}
