internal import Reports
package import SpawnStatistics

/// Which metrics decide, and in which scopes.
package struct GateSelection: Hashable, Sendable {
    package struct Gate: Hashable, Sendable {
        package enum Place: Hashable, Sendable {
            case whole
            /// Programs whose path matches.
            case program(Glob)
            /// Call sites with a frame that contains this text.
            case callSite(String)
        }

        package var place: Place
        package var metric: Metric
        /// The gate as the user wrote it.
        package var text: String
    }

    package private(set) var gates: [Gate]

    /// The default gates, all of the whole run: the overhead per spawn, the duration, and the counts in
    /// `Metric.Count.gates`.
    package init() {
        gates = (Metric.Count.gates.map { .count($0) } + [.time(.overhead), .time(.duration)])
            .map { Gate(place: .whole, metric: $0, text: $0.name) }
    }

    /// Adds gates to the default ones. A specification is `METRIC`, `counts` for the default counts,
    /// `program:GLOB:METRIC`, `callsite:TEXT:METRIC`, or `none`, which drops all gates so far.
    package init(_ specifications: [String]) throws(GateSelectionError) {
        self.init()
        for text in specifications { try add(text) }
    }

    private mutating func add(_ text: String) throws(GateSelectionError) {
        if text == "none" {
            gates = []
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            let metrics = text == "counts" ? Metric.Count.gates.map { .count($0) } : [try Self.metric(text)]
            for metric in metrics { append(Gate(place: .whole, metric: metric, text: metric.name)) }
            return
        }
        let metric = try Self.metric(String(text[text.index(after: colon)...]))
        let place: Gate.Place
        switch text[..<colon] {
        case let part where part.hasPrefix("program:") && part.count > 8:
            place = .program(Glob(String(part.dropFirst(8))))
        case let part where part.hasPrefix("callsite:") && part.count > 9:
            place = .callSite(String(part.dropFirst(9)))
        default: throw .unknownPlace(text)
        }
        if metric == .time(.duration) || metric == .count(.failedCreations) { throw .ofRunAlone(metric) }
        append(Gate(place: place, metric: metric, text: text))
    }

    private mutating func append(_ gate: Gate) {
        if !gates.contains(where: { $0.text == gate.text }) { gates.append(gate) }
    }

    private static func metric(_ name: String) throws(GateSelectionError) -> Metric {
        guard let metric = Metric(named: name) else { throw .unknownMetric(name) }
        return metric
    }

    func has(_ metric: Metric, of scope: Scope) -> Bool {
        gates.contains { $0.metric == metric && $0.place.covers(scope) }
    }
}

extension GateSelection.Gate.Place {
    func covers(_ scope: Scope) -> Bool {
        switch (self, scope) {
        case (.whole, .whole): true
        case (.program(let glob), .program(let path)): glob.matches(path)
        case (.callSite(let text), .callSite(let key)): key.frames.contains { $0.contains(text) }
        default: false
        }
    }
}

/// What a figure describes: the whole run, a program or a call site.
package enum Scope: Hashable, Sendable {
    case whole
    case program(String)
    case callSite(CallSiteKey)
}

/// Why a specification is no valid gate.
package enum GateSelectionError: Error, Hashable, Sendable {
    case unknownMetric(String)
    case unknownPlace(String)
    /// Only the whole run has this metric.
    case ofRunAlone(Metric)
}
