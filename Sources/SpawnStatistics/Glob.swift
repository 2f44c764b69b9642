/// A pattern for paths: `*` matches any text including `/`, `?` any one character, `[a-z]` and `[!a-z]` one of a set,
/// and `\` takes the next character literally. A pattern without `/` is compared with a path's last component.
package struct Glob: Hashable, Sendable {
    private enum Element: Hashable {
        case literal(Unicode.Scalar)
        case anyOne
        case anyText
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .literal(let expected): expected == scalar
            case .anyOne: true
            case .anyText: false
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    private let elements: [Element]
    private let comparesLastComponent: Bool

    package init(_ pattern: String) {
        var elements: [Element] = []
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if elements.last != .anyText { elements.append(.anyText) }
            case "?": elements.append(.anyOne)
            case "\\": elements.append(.literal(rest.popFirst() ?? "\\"))
            case "[": elements.append(Self.set(&rest) ?? .literal("["))
            default: elements.append(.literal(scalar))
            }
        }
        self.elements = elements
        comparesLastComponent = !pattern.contains("/")
    }

    /// Parses what follows a `[`. Returns `nil`, and takes nothing, if no `]` closes it.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Element? {
        var inner = rest
        var isNegated = false
        if inner.first == "!" || inner.first == "^" {
            isNegated = true
            inner = inner.dropFirst()
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let scalar = inner.popFirst() {
            if scalar == "]", !ranges.isEmpty {
                rest = inner
                return .set(ranges, isNegated: isNegated)
            }
            if inner.first == "-", let last = inner.dropFirst().first, last != "]" {
                inner = inner.dropFirst(2)
                // A reversed range matches nothing: no path contains a NUL.
                if scalar <= last { ranges.append(scalar...last) } else { ranges.append("\0"..."\0") }
            } else {
                ranges.append(scalar...scalar)
            }
        }
        return nil
    }

    /// Only the last `*` is ever tried again, so that the time is at most in proportion to the product of the lengths.
    package func matches(_ path: String) -> Bool {
        var text = path.unicodeScalars[...]
        if comparesLastComponent, let slash = text.lastIndex(of: "/") { text = text[text.index(after: slash)...] }
        var position = text.startIndex
        var element = 0
        var retry: (element: Int, position: String.UnicodeScalarView.Index)?
        while position < text.endIndex {
            if element < elements.count, elements[element].matches(text[position]) {
                element += 1
                text.formIndex(after: &position)
            } else if element < elements.count, elements[element] == .anyText {
                element += 1
                retry = (element, position)
            } else if let last = retry {
                element = last.element
                position = text.index(after: last.position)
                retry = (element, position)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { $0 == .anyText }
    }
}
