import TestSupport

extension ProgramRun {
    /// Of `report --format csv`, without the header; no field of these has a line break.
    var csvRows: [Substring] { Array(output.split(separator: "\r\n").dropFirst()) }
}

/// Python's own readers of JSON and CSV, and its validator of JSON Schema, on what `report` prints.
enum ReportChecker {
    private static let sources = Workload.root + "/Sources/"

    /// Debian's, for which python3-jsonschema is installed.
    private static let python = "/usr/bin/python3"

    /// Validates `json`, the text of a report, then runs `script` on it as `report`. Not empty is what is wrong. `schema` is its
    /// file in Sources, without `.schema.json`.
    static func problems(
        _ json: String, _ script: String = "", schema: String = "Reports/report", in directory: String
    ) throws -> String {
        let path = directory + "/report.json"
        try Compiler.write(Array(json.utf8), to: path)
        let program = """
            import json, sys
            from jsonschema import Draft202012Validator
            schema = json.load(open(sys.argv[1]))
            Draft202012Validator.check_schema(schema)
            def unique(pairs):
                assert len(dict(pairs)) == len(pairs), pairs
                return dict(pairs)
            report = json.load(open(sys.argv[2]), object_pairs_hook=unique)
            for error in Draft202012Validator(schema).iter_errors(report):
                sys.exit(f"{error.json_path}: {error.message}")

            """
        let run = try ProgramRun(python, "-c", program + script, "\(sources)\(schema).schema.json", path)
        return run.status == 0 ? "" : "\(run.status): \(run.error)\(run.output)"
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
        let run = try ProgramRun(python, "-c", program + script, path)
        return run.status == 0 ? "" : "\(run.status): \(run.error)\(run.output)"
    }
}
