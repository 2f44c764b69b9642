package import Profiles

/// A flame graph of one profile, or of the difference of two, laid out and ready to draw.
package struct FlameGraph {
    package struct Options {
        package var title = "Flame graph"
        /// Lines that say what is counted.
        package var lines: [String] = []
        /// Reasons why the numbers may be too low: losses, truncated stacks.
        package var remarks: [String] = []
        package var meaning: WeightMeaning
        /// Formats a weight with its unit.
        package var describe: (UInt64) -> String
        /// Whether the root is at the top. If `nil`, it is when the graph is taller than a screen, whose top is seen
        /// first.
        package var isIcicle: Bool?
        package var limits = LayoutLimits()
        /// In a difference: whether frames are first as wide as in the base.
        package var showsBaseWidths = false
        /// In a difference: whether shares of the runs are compared instead of weights.
        package var normalises = false

        package init(meaning: WeightMeaning, describe: @escaping (UInt64) -> String) {
            self.meaning = meaning
            self.describe = describe
        }
    }

    let pair: ProfilePair
    let options: Options
    let layout: FlameLayout

    package init(_ pair: ProfilePair, _ options: Options) {
        self.pair = pair
        self.options = options
        layout = FlameLayout(pair, options.limits)
    }

    /// The levels that fit on a common screen, with the parts above and below them.
    private static let levelsOfAScreen = 30
    var isIcicle: Bool { options.isIcicle ?? (layout.depth > Self.levelsOfAScreen) }

    package var frameCount: Int { layout.frames.count }

    /// Lines that say what is not drawn. The picture shows them, too.
    package var leftOutLines: [String] {
        var lines: [String] = []
        let side = pair.isComparison ? " of head" : ""
        func weight(_ left: FlameLayout.LeftOut) -> String {
            "\(options.describe(left.weight))\(side) (\(Share.percent(left.weight, of: pair.headTotal)))"
        }
        func frames(_ count: Int) -> String { count == 1 ? "1 frame" : "\(Share.grouped(count)) frames" }
        if layout.narrow.frames > 0 {
            lines.append(
                "\(frames(layout.narrow.frames)) too narrow to be seen left out, with \(weight(layout.narrow))")
        }
        if layout.deep.frames > 0 {
            lines.append(
                "\(frames(layout.deep.frames)) deeper than \(Share.grouped(options.limits.mostDepth)) levels left out, with "
                    + weight(layout.deep))
        }
        return lines
    }

    /// Passes the SVG document to `write` in pieces; stops when `write` returns false (a closed pipe).
    package func write(_ write: ([UInt8]) -> Bool) { SVGPicture(self).write(write) }
}
