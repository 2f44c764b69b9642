/// A table of GitHub Flavored Markdown (https://github.github.com/gfm/#tables-extension-), whose cells show any text as it is.
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
        /// A name of the machine under test, in a fixed-width font, where GitHub and GitLab look for no `@mention`, `#issue` or emoji.
        case code(String)
        /// Stands out.
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

    /// A row with fewer cells than there are columns is filled up with empty ones; a reader would leave out those beyond, and
    /// so does this.
    package mutating func addRow(_ cells: [Cell]) { rows.append(cells) }

    package var lines: [String] {
        let title = columns.map { MarkdownText.escaped($0.title) }
        let rule = columns.map { $0.alignment == .right ? "---:" : "---" }
        let body = rows.map { cells in
            columns.indices.map { cells.indices.contains($0) ? cells[$0].markdown : "" }
        }
        return ([title, rule] + body).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// Text that Markdown shows as it is (`MarkdownText`).
    package static func escaped(_ text: String) -> String { MarkdownText.escaped(text) }
}
