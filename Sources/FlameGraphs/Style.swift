internal import Profiles

/// The picture's style sheet: `flamegraph.css`. Colours are written out instead of using CSS variables, for viewers
/// that only know SVG.
enum Style {
    /// The sheet without comment lines; the colour rules replace `/* colours */`.
    static func sheet(isComparison: Bool) -> [UInt8] {
        let colours = Array((isComparison ? differences : layers).joined().utf8)
        var sheet: [UInt8] = []
        for line in PackageResources.flamegraph_css.split(separator: UInt8(ascii: "\n")) {
            if line.elementsEqual("/* colours */".utf8) {
                sheet += colours
            } else if !line.starts(with: "/*".utf8) {
                sheet += line + [UInt8(ascii: "\n")]
            }
        }
        return sheet
    }

    private static var differences: [String] {
        (-Difference.steps...Difference.steps).map { step in
            ".d\(step + Difference.steps) { fill: \(Palette.colour(ofStep: step).text) }\n"
        }
    }

    private static var layers: [String] {
        FrameLayer.allCases.flatMap { layer in
            [false, true].map { isOdd in
                ".c\(layer.rawValue)\(isOdd ? ".o" : "") { fill: \(Palette.colour(of: layer, isOdd: isOdd).text) }\n"
            }
        }
    }
}
