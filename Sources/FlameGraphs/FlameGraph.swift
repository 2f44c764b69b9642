package import Profiles

/// A flame graph of one profile, or of the difference of two: laid out, and ready to be drawn.
package struct FlameGraph {
    package struct Options {
        package var title = "Flame graph"
        /// What is counted, a line each.
        package var lines: [String] = []
        /// What makes the numbers less than they seem: losses, truncated stacks.
        package var remarks: [String] = []
        package var meaning: WeightMeaning
        /// A weight with its unit, for people.
        package var describe: (UInt64) -> String
        /// The root at the top; `nil`: where the picture is higher than a screen, whose top is seen first.
        package var isIcicle: Bool?
        package var limits = LayoutLimits()
        /// Of a difference: frames are as wide as in the base at first.
        package var showsBaseWidths = false
        /// Of a difference: what changes is a frame's share of its run, not its weight.
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

    /// Levels of a common screen, with what stands above and below them.
    private static let levelsOfAScreen = 30
    var isIcicle: Bool { options.isIcicle ?? (layout.depth > Self.levelsOfAScreen) }

    package var frameCount: Int { layout.frames.count }

    /// What is not drawn, a line each; the picture says it, too.
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

    /// Hands the SVG document to `write` in pieces; ends early when `write` returns false (a closed pipe).
    package func write(_ write: ([UInt8]) -> Bool) { SVGPicture(self).write(write) }
}
