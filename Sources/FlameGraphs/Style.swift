internal import Profiles

/// The picture's style sheet. Colours are written out, not variables: a viewer that knows no more than SVG shows them.
enum Style {
    static func sheet(isComparison: Bool) -> String {
        var rules = fixed
        if isComparison {
            for step in -Difference.steps...Difference.steps {
                rules += ".d\(step + Difference.steps) { fill: \(Palette.colour(ofStep: step).text) }\n"
            }
        } else {
            for layer in FrameLayer.allCases {
                for isOdd in [false, true] {
                    let colour = Palette.colour(of: layer, isOdd: isOdd).text
                    rules += ".c\(layer.rawValue)\(isOdd ? ".o" : "") { fill: \(colour) }\n"
                }
            }
        }
        return rules + states + dark
    }

    private static let fixed = """
        text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Verdana, sans-serif; fill: #1c1e21 }
        .title { font-size: 17px; font-weight: 600 }
        .quiet { fill: #55595f }
        .warn { fill: #a33c00; font-weight: 600 }
        svg:root { background: #ffffff }
        .paper { fill: #ffffff }
        .f text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #000000; pointer-events: none }
        .gone { display: none }

        """

    private static let states = """
        .pair rect { stroke: #ffffff; stroke-opacity: 0.5 }
        #graph { outline: none; -webkit-tap-highlight-color: transparent }
        .f { cursor: pointer; outline: none }
        .f.outer rect { fill: #c8c8c8 }
        .searching .f rect { fill: #e6e6e6 }
        .searching .match rect { fill: #7b5cd6 }
        .searching .match text { fill: #ffffff }
        .f:hover rect, .f.chosen rect { stroke: #000000; stroke-width: 2; stroke-opacity: 1 }
        .tools, .found, .details { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Verdana, sans-serif; color: #1c1e21;
          box-sizing: border-box }
        .tools { display: flex; gap: 6px; padding: 2px }
        .tools button, .tools input { font: inherit; color: inherit; height: 30px; padding: 0 8px; border: 1px solid #8a9099;
          border-radius: 4px; background: #f4f5f7; box-sizing: border-box }
        .tools input { flex: 1; min-width: 60px; max-width: 420px; background: #ffffff }
        .found { padding: 4px 2px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
        .details { height: 100%; padding: 6px 10px; overflow: auto; background: #f4f5f7; border-top: 1px solid #8a9099;
          overflow-wrap: anywhere }
        .details div:first-child { font-weight: 600 }

        """

    private static let dark = """
        @media (prefers-color-scheme: dark) {
          text { fill: #e6e8eb }
          .f text { fill: #000000 }
          .quiet { fill: #a9afb8 }
          .warn { fill: #ffb37a }
          svg:root { background: #16181c }
          .paper { fill: #16181c }
          .pair rect { stroke: #16181c }
          .searching .f rect { fill: #3a3e45 }
          .searching .f text { fill: #e6e8eb }
          .searching .match rect { fill: #b9a4ff }
          .searching .match text { fill: #000000 }
          .f:hover rect, .f.chosen rect { stroke: #ffffff }
          .tools, .found, .details { color: #e6e8eb }
          .tools button, .details { background: #24272d }
          .tools input { background: #101215 }
        }

        """
}
