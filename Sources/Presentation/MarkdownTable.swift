/// A table of GitHub Flavored Markdown (https://github.github.com/gfm/#tables-extension-). Cells show any text
/// literally.
package struct MarkdownTable: Sendable {
    package enum Alignment: Hashable, Sendable {
        case left, right
    }

    package struct Column: Hashable, Sendable {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package enum Cell: Hashable, Sendable {
        case text(String)
        /// A name from the recording, in a fixed-width font, where GitHub and GitLab find no `@mention`, `#issue` or
        /// emoji.
        case code(String)
        /// Bold text.
        case strong(String)

        var markdown: String {
            switch self {
            case .text(let text): MarkdownText.escaped(text)
            case .code(let text): text.isEmpty ? "" : "<code>\(MarkdownText.escaped(text))</code>"
            case .strong(let text): text.isEmpty ? "" : "<b>\(MarkdownText.escaped(text))</b>"
            }
        }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row. Missing cells are empty; cells beyond the last column are dropped, as a reader would.
    package mutating func addRow(_ cells: [Cell]) { rows.append(cells) }

    package var lines: [String] {
        let title = columns.map { MarkdownText.escaped($0.title) }
        let rule = columns.map { $0.alignment == .right ? "---:" : "---" }
        let body = rows.map { cells in
            columns.indices.map { cells.indices.contains($0) ? cells[$0].markdown : "" }
        }
        return ([title, rule] + body).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// Escapes text so that Markdown shows it literally (`MarkdownText`).
    package static func escaped(_ text: String) -> String { MarkdownText.escaped(text) }
}
