internal import PerfRecords
package import Profiles
package import Unwinding

/// The call sites of a session, each with the number by which the model refers to it.
package struct CallSiteNames {
    private var tree = CallTree()
    private var frames: [UInt32: [NameTable.ID]] = [:]
    private var lines = CallSiteLines()
    package private(set) var stacks = 0
    package private(set) var truncatedStacks = 0
    /// How often each reason truncated a stack that was unwound.
    package private(set) var truncations: [TruncationReason: Int] = [:]

    /// The number of the stack that was read last.
    mutating func number(of stack: StackReader, truncated: NameTable.ID) -> UInt32 {
        let isTruncated = stack.isTruncated
        var node = isTruncated ? tree.child(of: CallTree.root, named: truncated) : CallTree.root
        // Kernel frames are not part of the call site.
        let names = stack.names[stack.kernelCount...].reversed()
        for name in names { node = tree.child(of: node, named: name) }
        let number = UInt32(bitPattern: node)
        if frames[number] == nil { frames[number] = (isTruncated ? [truncated] : []) + names }
        if !stack.lines.isEmpty {
            lines.add(stack.lines[stack.kernelCount...], to: number, marks: isTruncated ? 1 : 0)
        }
        stacks += 1
        if isTruncated {
            truncatedStacks += 1
            if case .truncated(let reason) = stack.end { truncations[reason, default: 0] += 1 }
        }
        return number
    }

    /// The source lines of each frame of a call site; empty if lines were not requested.
    package func lines(of number: UInt32, _ table: LineTable) -> [[SourceLine]] {
        lines.lines(of: number, count: frames[number]?.count ?? 0, table)
    }

    /// The names of a call site's frames, outermost first, with `[truncated]` before a stack that does not reach its
    /// outermost function; empty if there is no call site.
    package subscript(number: UInt32?) -> [NameTable.ID] { number.flatMap { frames[$0] } ?? [] }
}
