internal import Presentation
internal import SpawnModel
internal import SpawnStatistics

/// The signals that ended spawns, and their senders.
extension TextReport {
    var signalLines: [String] {
        let ends = report.rankedSignalEnds
        guard !ends.isEmpty else { return [] }
        let column = 10
        let shown = options.showsAll ? ends.count : min(2, ends.count)
        var lines = [
            title(Self.left("SIGNALS", column) + Self.right("spawns", column) + "  ended by", shown, of: ends.count)
        ]
        for (end, spawns) in ends.prefix(shown) {
            let start = Self.left("", column) + Self.right(Quantities.grouped(spawns), column) + "  "
            let text = "\(SignalName.of(end.signal)) \(sender(of: end))  \(place(end.callSite))"
            lines.append(start + fitted(text, width - start.count))
        }
        if report.spawns.otherSignalEnds > 0 {
            lines.append(
                Self.left("", column) + Self.right(Quantities.grouped(report.spawns.otherSignalEnds), column)
                    + "  others")
        }
        return lines
    }

    private func sender(of end: SignalEnd) -> String {
        let name = end.comm.map { " \(ForeignText.shown($0))" } ?? ""
        return switch end.sender {
        case .kernel: "of the kernel"
        case .itself: "of its own"
        case .parent: "of its parent\(name)"
        case .other: "of\(name)"
        case nil: "of an unknown sender"
        }
    }
}
