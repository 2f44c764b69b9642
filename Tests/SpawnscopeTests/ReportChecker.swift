import TestSupport

extension ProgramRun {
    /// Of `report --format csv`, without the header; no field of these has a line break.
    var csvRows: [Substring] { Array(output.split(separator: "\r\n").dropFirst()) }
}

/// Python's own readers of JSON and CSV, and its validator of JSON Schema, on what `report` prints.
enum ReportChecker {
    /// Validates `json`, the text of a report, then runs `script` on it as `report`. Not empty is what is wrong. `schema` is its
    /// file in Sources, without `.schema.json`.
    static func problems(
        _ json: String, _ script: String = "", schema: String = "Reports/report", in directory: String
    ) throws -> String {
        try JSONSchema.problems(json, script, schema: schema, in: directory)
    }

    /// Runs `script` on the rows of a CSV, dictionaries by column.
    static func problems(csv: String, _ script: String, in directory: String) throws -> String {
        let path = directory + "/report.csv"
        try Compiler.write(Array(csv.utf8), to: path)
        let program = """
            import csv, sys
            rows = list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))
            assert all(None not in row and None not in row.values() for row in rows), rows

            """
        let run = try ProgramRun(JSONSchema.python, "-c", program + script, path)
        return run.status == 0 ? "" : "\(run.status): \(run.error)\(run.output)"
    }
}
