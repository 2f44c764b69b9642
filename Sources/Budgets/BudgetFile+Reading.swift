extension BudgetFile {
    /// Parses a file's bytes; throws the first error.
    package init(yaml bytes: [UInt8]) throws(BudgetFileError) {
        let root = try YAMLNode.document(bytes)
        let members = try root.members(of: "the file", known: ["schema", "budgets"])
        guard let schema = members["schema"] else {
            throw BudgetFileError(.missingKey("schema", of: "the file"), at: root.position)
        }
        let version = try schema.text(of: "schema")
        guard version == Self.schema else { throw BudgetFileError(.otherSchema(version), at: schema.position) }
        guard let list = members["budgets"] else {
            throw BudgetFileError(.missingKey("budgets", of: "the file"), at: root.position)
        }
        guard case .sequence(let items) = list.content, !items.isEmpty else {
            throw BudgetFileError(
                .wrongType(of: "budgets", expected: "a list of budgets, each beginning with '- name: …'"),
                at: list.position)
        }
        guard items.count <= Self.mostBudgets else { throw BudgetFileError(.tooManyBudgets, at: list.position) }
        budgets = []
        var lines: [String: Int] = [:]
        for item in items {
            let budget = try Budget(item)
            if let line = lines[budget.name] {
                throw BudgetFileError(.duplicateName(budget.name, line: line), at: budget.position)
            }
            lines[budget.name] = budget.position.line
            budgets.append(budget)
        }
    }
}

extension Budget {
    private static let known =
        ["name", "program", "callsite"] + BudgetMetric.Count.allCases.map(\.rawValue)
        + BudgetMetric.Quantile.allCases.map(\.rawValue)

    fileprivate init(_ node: YAMLNode) throws(BudgetFileError) {
        let members = try node.members(of: "a budget", known: Self.known)
        guard let named = members["name"] else {
            throw BudgetFileError(.missingKey("name", of: "this budget"), at: node.position)
        }
        name = try named.text(of: "name")
        position = node.position
        lastLine = node.lastLine
        var selection: (program: String?, callSite: String?)
        if let program = members["program"] { selection.program = try program.text(of: "program") }
        if let callSite = members["callsite"] { selection.callSite = try callSite.text(of: "callsite") }
        selector = BudgetSelector(program: selection.program, callSite: selection.callSite)
        limits = []
        for count in BudgetMetric.Count.allCases {
            guard let value = members[count.rawValue] else { continue }
            if selector.program != nil, count == .forked || count == .failed {
                throw BudgetFileError(.neverMet(count.rawValue), at: value.position)
            }
            limits.append(
                Limit(.count(count), try value.count(of: count.rawValue), source: Source(value)))
        }
        for quantile in BudgetMetric.Quantile.allCases {
            guard let times = members[quantile.rawValue] else { continue }
            let stretches = try times.members(of: quantile.rawValue, known: BudgetMetric.Stretch.all.map(\.name))
            guard !stretches.isEmpty else {
                throw BudgetFileError(
                    .wrongType(of: quantile.rawValue, expected: "times by phase, such as { exec: 2ms }"),
                    at: times.position)
            }
            for stretch in BudgetMetric.Stretch.all {
                guard let value = stretches[stretch.name] else { continue }
                let metric = BudgetMetric.time(quantile, stretch)
                limits.append(Limit(metric, try value.time(of: metric.name), source: Source(value)))
            }
        }
        guard !limits.isEmpty else { throw BudgetFileError(.noLimit(name: name), at: position) }
        for count in BudgetMetric.Count.limitedByDefault where members[count.rawValue] == nil {
            limits.append(Limit(.count(count), 0))
        }
    }
}

extension Budget.Source {
    fileprivate init(_ node: YAMLNode) {
        position = node.position
        range = node.range
    }
}

extension YAMLNode {
    /// A mapping's values by key. Each key must be known and unique.
    fileprivate func members(of what: String, known: [String]) throws(BudgetFileError) -> [String: YAMLNode] {
        guard case .mapping(let members) = content else {
            throw BudgetFileError(
                .wrongType(of: what, expected: "keys with values: \(known.joined(separator: ", "))"), at: position)
        }
        var values: [String: YAMLNode] = [:]
        for (key, value) in members {
            guard case .scalar(let name, _) = key.content else {
                throw BudgetFileError(.wrongType(of: "a key", expected: "a plain word"), at: key.position)
            }
            guard known.contains(name) else {
                throw BudgetFileError(.unknownKey(name, known: known), at: key.position)
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw BudgetFileError(.duplicateKey(name), at: key.position)
            }
        }
        return values
    }

    fileprivate func text(of key: String) throws(BudgetFileError) -> String {
        guard case .scalar(let text, let isPlain) = content else {
            throw BudgetFileError(.wrongType(of: key, expected: "a text"), at: position)
        }
        guard !text.isEmpty, !isPlain || text != "~" else { throw BudgetFileError(.emptyText(of: key), at: position) }
        return text
    }

    /// Accepts only digits, without leading zeros: YAML 1.1 reads 010 as 8 and 1_0 as 10, YAML 1.2 does not.
    fileprivate func count(of key: String) throws(BudgetFileError) -> UInt64 {
        guard case .scalar(let text, let isPlain) = content else {
            throw BudgetFileError(.wrongType(of: key, expected: "a whole number"), at: position)
        }
        guard isPlain, text == "0" || !text.hasPrefix("0"), text.utf8.allSatisfy({ 48...57 ~= $0 }),
            let number = UInt64(text), number <= UInt64(Int.max)
        else { throw BudgetFileError(.notANumber(text, of: key), at: position) }
        return number
    }

    /// The value in nanoseconds.
    fileprivate func time(of key: String) throws(BudgetFileError) -> UInt64 {
        guard case .scalar(let text, _) = content else {
            throw BudgetFileError(.wrongType(of: key, expected: "a time such as 2ms"), at: position)
        }
        guard let time = Self.nanoseconds(text) else { throw BudgetFileError(.notATime(text, of: key), at: position) }
        return time
    }

    private static let units: [(String, UInt64, digits: Int)] = [
        ("ns", 1, 0), ("us", 1000, 3), ("µs", 1000, 3), ("ms", 1_000_000, 6), ("s", 1_000_000_000, 9),
    ]

    private static func nanoseconds(_ text: String) -> UInt64? {
        guard let (suffix, unit, digits) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let parts = text.dropLast(suffix.count).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy { 48...57 ~= $0 } }),
            let units = UInt64(whole)
        else { return nil }
        let fraction = parts.count > 1 ? parts[1] : "0"
        guard !fraction.isEmpty, fraction.count <= max(digits, 1),
            let rest = UInt64(fraction + String(repeating: "0", count: max(digits, 1) - fraction.count))
        else { return nil }
        // Fractions of a nanosecond are refused.
        guard digits > 0 || rest == 0 else { return nil }
        let (product, overflow) = units.multipliedReportingOverflow(by: unit)
        let (sum, carry) = product.addingReportingOverflow(rest)
        return overflow || carry ? nil : sum
    }
}
