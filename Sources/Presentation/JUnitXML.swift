/// Results as JUnit XML in the form that Jenkins and GitLab read: `testsuites` holds `testsuite`s, which hold
/// `testcase`s. A `testcase` has at most one `failure`, `error` or `skipped`, and a `system-out`.
/// (https://github.com/testmoapp/junitxml describes what its readers have in common; there is no standard.)
package struct JUnitXML: Sendable {
    package enum Result: Hashable, Sendable {
        case passed
        /// The condition does not hold.
        case failed(message: String, details: [String] = [])
        /// It is not known whether the condition holds.
        case error(message: String, details: [String] = [])
        case skipped(message: String)
    }

    package struct TestCase: Hashable, Sendable {
        package var name: String
        /// The name by which readers group cases.
        package var className: String
        package var result: Result
        /// Lines of `system-out`; empty for none.
        package var output: [String]

        package init(name: String, className: String, result: Result, output: [String] = []) {
            self.name = name
            self.className = className
            self.result = result
            self.output = output
        }
    }

    package struct Suite: Hashable, Sendable {
        package var name: String
        package var cases: [TestCase]

        package init(name: String, cases: [TestCase]) {
            self.name = name
            self.cases = cases
        }
    }

    private var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    /// The whole document, with a line break at the end.
    package static func document(name: String, _ suites: [Suite]) -> String {
        var document = JUnitXML()
        document.text += "<testsuites"
        document.attribute("name", name)
        document.counts(suites.flatMap(\.cases))
        document.text += ">\n"
        for suite in suites { document.add(suite) }
        document.text += "</testsuites>\n"
        return document.text
    }

    private mutating func add(_ suite: Suite) {
        text += "  <testsuite"
        attribute("name", suite.name)
        counts(suite.cases)
        text += ">\n"
        for testCase in suite.cases { add(testCase) }
        text += "  </testsuite>\n"
    }

    private mutating func counts(_ cases: [TestCase]) {
        var (failures, errors, skipped) = (0, 0, 0)
        for testCase in cases {
            switch testCase.result {
            case .passed: break
            case .failed: failures += 1
            case .error: errors += 1
            case .skipped: skipped += 1
            }
        }
        for (name, count) in [
            ("tests", cases.count), ("failures", failures), ("errors", errors), ("skipped", skipped),
        ] {
            attribute(name, String(count))
        }
    }

    private mutating func add(_ testCase: TestCase) {
        text += "    <testcase"
        attribute("name", testCase.name)
        attribute("classname", testCase.className)
        if testCase.result == .passed, testCase.output.isEmpty {
            text += "/>\n"
            return
        }
        text += ">\n"
        switch testCase.result {
        case .passed: break
        case .failed(let message, let details): element("failure", message, details)
        case .error(let message, let details): element("error", message, details)
        case .skipped(let message): element("skipped", message, [])
        }
        if !testCase.output.isEmpty {
            text += "      <system-out>"
            content(testCase.output)
            text += "</system-out>\n"
        }
        text += "    </testcase>\n"
    }

    private mutating func element(_ name: String, _ message: String, _ details: [String]) {
        text += "      <\(name)"
        attribute("message", message)
        if details.isEmpty {
            text += "/>\n"
        } else {
            text += ">"
            content(details)
            text += "</\(name)>\n"
        }
    }

    private mutating func attribute(_ name: String, _ value: String) {
        text += " \(name)=\""
        escape(value)
        text += "\""
    }

    /// Appends lines; line breaks within them are escaped.
    private mutating func content(_ lines: [String]) {
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\n" }
            escape(line)
        }
    }

    /// Escapes XML markup. `ForeignText` already escapes the characters that XML 1.0 forbids.
    private mutating func escape(_ value: String) {
        for scalar in ForeignText.shown(value).unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            // `]]>` must not occur in text.
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
