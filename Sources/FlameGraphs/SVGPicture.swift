internal import Presentation
internal import Profiles

/// Draws a laid-out flame graph as a self-contained SVG document with its style and script.
///
/// Horizontal positions are in percent, and each frame is a viewport that clips its label, so the picture fits any
/// width without a script. The script only adds to that.
struct SVGPicture {
    static let rowHeight = 18
    /// The width of a label's character in pixels, and the window width that labels are cut for.
    private static let characterWidth = 7.23
    private static let usualWidth = 1200.0
    private static let toolsHeight = 60
    private static let detailsHeight = 96

    private let graph: FlameGraph
    private let header: PictureHeader
    private let text: FrameText

    init(_ graph: FlameGraph) {
        self.graph = graph
        header = PictureHeader(graph)
        text = FrameText(graph)
    }

    func write(_ write: ([UInt8]) -> Bool) {
        var xml = XMLText()
        start(&xml)
        for frame in graph.layout.frames {
            draw(frame, &xml)
            if xml.bytes.count > 1 << 16 {
                guard write(xml.bytes) else { return }
                xml.removeAll()
            }
        }
        xml.append("</svg>\n<script><![CDATA[\n")
        xml.append(data: PictureScript.bytes)
        xml.append("]]></script>\n</svg>\n")
        _ = write(xml.bytes)
    }

    private var toolsTop: Int { header.height }
    private var graphTop: Int { toolsTop + Self.toolsHeight }
    private var graphHeight: Int { graph.layout.depth * Self.rowHeight }
    private var height: Int { graphTop + graphHeight + Self.detailsHeight + 8 }

    private func start(_ xml: inout XMLText) {
        xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        xml.append("<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"100%\" height=\"")
        xml.append(height)
        xml.append("\" data-view=\"")
        xml.append(graph.isIcicle ? "icicle" : "flame")
        xml.append("\" data-widths=\"")
        xml.append(showsBase ? "base" : "head")
        xml.append("\" data-unit=\"")
        xml.appendEscaped(graph.options.meaning.unit == .nanoseconds ? "ns" : graph.options.meaning.name)
        xml.append("\" data-out=\"")
        xml.append(graph.layout.narrow.frames + graph.layout.deep.frames)
        xml.append("\" data-tools=\"")
        xml.append(toolsTop)
        xml.append("\" data-details=\"")
        xml.append(Self.detailsHeight)
        xml.append("\">\n<title>")
        xml.appendEscaped(graph.options.title)
        xml.append("</title>\n<style><![CDATA[\n")
        xml.append(data: Style.sheet(isComparison: graph.pair.isComparison))
        xml.append("]]></style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n")
        header.draw(&xml)
        xml.append("<svg id=\"graph\"")
        if graph.pair.isComparison { xml.append(" class=\"pair\"") }
        xml.append(" x=\"1%\" y=\"")
        xml.append(graphTop)
        xml.append("\" width=\"98%\" height=\"")
        xml.append(graphHeight)
        xml.append("\">\n")
    }

    private var showsBase: Bool { graph.pair.isComparison && graph.options.showsBaseWidths }

    private func draw(_ frame: FlameLayout.Frame, _ xml: inout XMLText) {
        let root = graph.layout.frames[0]
        let extent = showsBase ? frame.base : frame.head
        let whole = showsBase ? root.base.width : root.head.width
        let lines = text.lines(frame)
        xml.append("<svg class=\"f")
        if extent.width == 0, frame.node != 0 { xml.append(" gone") }
        xml.append("\" x=\"")
        xml.appendPercent(extent.start, of: whole)
        xml.append("%\" y=\"")
        let row = graph.isIcicle ? frame.depth : graph.layout.depth - 1 - frame.depth
        xml.append(row * Self.rowHeight)
        xml.append("\" width=\"")
        if frame.node == 0 {
            xml.append("100")
        } else {
            xml.appendWidth(extent.start, extent.end, of: whole)
        }
        xml.append("%\" height=\"")
        xml.append(Self.rowHeight)
        xml.append("\" data-d=\"")
        xml.append(frame.depth)
        xml.append("\" data-h=\"")
        xml.append(frame.head)
        if graph.pair.isComparison {
            xml.append("\" data-b=\"")
            xml.append(frame.base)
        }
        xml.append("\"><title>")
        xml.appendEscaped(lines: lines)
        xml.append("</title><rect class=\"")
        appendColour(frame, &xml)
        xml.append("\" width=\"100%\" height=\"")
        xml.append(Self.rowHeight - 1)
        xml.append("\"/>")
        let share = frame.node == 0 ? 1 : Double(extent.width) / max(Double(whole), 1)
        let room = Int((share * Self.usualWidth * 0.98 - 6) / Self.characterWidth)
        if room >= 3 {
            xml.append("<text x=\"3\" y=\"13\">")
            xml.appendEscaped(DisplayText.label(lines[0], to: room))
            xml.append("</text>")
        }
        xml.append("</svg>\n")
    }

    private func appendColour(_ frame: FlameLayout.Frame, _ xml: inout XMLText) {
        if graph.pair.isComparison {
            xml.append("d")
            xml.append(Difference.step(frame, in: graph) + Difference.steps)
        } else {
            xml.append("c")
            xml.append(Palette.layer(of: frame, in: graph).rawValue)
            if frame.isOdd { xml.append(" o") }
        }
    }
}

extension XMLText {
    /// `START WIDTH`.
    fileprivate mutating func append(_ extent: FlameLayout.Extent) {
        append(extent.start)
        append(" ")
        append(extent.width)
    }

    fileprivate mutating func appendEscaped(lines: [String]) {
        for (index, line) in lines.enumerated() {
            if index > 0 { append("\n") }
            appendEscaped(line)
        }
    }
}
