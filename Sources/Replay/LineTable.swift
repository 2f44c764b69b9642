package import Profiles

/// The distinct source lines through which stacks lead.
package struct LineTable {
    package struct ID: Hashable {
        let number: UInt32
        package static let none = ID(number: 0)
    }

    private var lines: [SourceLine] = []
    private var numbers: [SourceLine: ID] = [:]

    /// `none` for an unknown line.
    mutating func intern(file: String, line: UInt32) -> ID {
        guard line > 0, !file.isEmpty else { return .none }
        let source = SourceLine(file: file, line: Int(line))
        if let known = numbers[source] { return known }
        guard let number = UInt32(exactly: lines.count + 1) else { return .none }
        lines.append(source)
        numbers[source] = ID(number: number)
        return ID(number: number)
    }

    package subscript(id: ID) -> SourceLine? { id.number > 0 ? lines[Int(id.number) - 1] : nil }
}
