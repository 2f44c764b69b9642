internal import Profiles

/// Colours that people with any kind of colour vision can tell apart: those of Okabe and Ito ("Color Universal Design",
/// 2008; https://jfly.uni-koeln.de/color/), each with a lighter variant for every second sibling. Black text on any of
/// them has a contrast of at least 5 to 1 (WCAG 2.2 requires 4.5).
enum Palette {
    struct Colour: Hashable {
        var red: Double
        var green: Double
        var blue: Double

        init(_ rgb: UInt32) {
            (red, green, blue) = (Double(rgb >> 16 & 255), Double(rgb >> 8 & 255), Double(rgb & 255))
        }

        func mixed(_ share: Double, with other: Colour) -> Colour {
            var mixed = self
            mixed.red += (other.red - red) * share
            mixed.green += (other.green - green) * share
            mixed.blue += (other.blue - blue) * share
            return mixed
        }

        /// `#rrggbb`.
        var text: String {
            "#" + [red, green, blue].map { String(String(Int($0.rounded()) + 256, radix: 16).dropFirst()) }.joined()
        }
    }

    private static let white = Colour(0xffffff)
    /// The colour of no change.
    private static let neutral = Colour(0xe4e4e4)
    private static let vermillion = Colour(0xd55e00)
    /// Okabe and Ito's blue is too dark under black text; this lies between it and their sky blue.
    private static let blue = Colour(0x3e9cd9)

    static func colour(of layer: FrameLayer, isOdd: Bool) -> Colour {
        let colour =
            switch layer {
            case .group: Colour(0xc9b38c)
            case .ancestry: Colour(0x56b4e9)
            case .callsite: Colour(0xe69f00)
            case .program: Colour(0x009e73)
            case .phase: Colour(0xcc79a7)
            case .user: Colour(0xf0e442)
            case .kernel: vermillion
            case .unknown: Colour(0xbbbbbb)
            }
        return isOdd ? colour.mixed(0.3, with: white) : colour
    }

    static func colour(ofStep step: Int) -> Colour {
        neutral.mixed(Double(step.magnitude) / Double(Difference.steps), with: step < 0 ? blue : vermillion)
    }

    static func word(_ layer: FrameLayer) -> String {
        switch layer {
        case .group: "container, unit"
        case .ancestry: "command"
        case .callsite: "call site"
        case .program: "program"
        case .phase: "phase"
        case .user: "user"
        case .kernel: "kernel"
        case .unknown: "not known"
        }
    }

    /// The layer of a frame; `.unknown` for the placeholders of the fold.
    static func layer(of frame: FlameLayout.Frame, in graph: FlameGraph) -> FrameLayer {
        let pair = graph.pair
        guard frame.node != 0 else { return .unknown }
        switch pair.names[pair.tree.names[frame.node]] {
        case "[truncated]", "[unknown]": return .unknown
        default: return pair.tree.layers[frame.node]
        }
    }

    static func word(of frame: FlameLayout.Frame, in graph: FlameGraph) -> String {
        word(layer(of: frame, in: graph))
    }
}
