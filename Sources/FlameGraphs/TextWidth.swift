/// An upper bound on the width of text in any sans-serif font of a browser: the advances of DejaVu Sans Bold, the
/// widest font that the pictures ask for. SVG does not wrap lines, and nothing can be measured when the picture is
/// made.
enum TextWidth {
    /// The advances of U+0020 to U+007E in hundredths of the font size.
    private static let advances: [UInt8] = [
        35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37,  // space … /
        70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 58,  // 0 … ?
        100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 78, 64, 100, 84, 85,  // @ … O
        73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50,  // P … _
        50, 68, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69,  // ` … o
        72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84,  // p … ~
    ]

    /// The advance of a character; any beyond ASCII counts as the widest.
    static func hundredths(_ scalar: Unicode.Scalar) -> Int {
        let index = Int(scalar.value) - 0x20
        return advances.indices.contains(index) ? Int(advances[index]) : 110
    }
}
