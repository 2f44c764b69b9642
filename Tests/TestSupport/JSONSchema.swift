/// The validator of JSON Schema of Python's jsonschema on what is written.
public enum JSONSchema {
    private static let sources = Workload.root + "/Sources/"

    /// Debian's, for which python3-jsonschema is installed.
    public static let python = "/usr/bin/python3"

    /// Validates `json`, then runs `script` on it as `report`, with the schema as `schema`. Not empty is what is wrong. `schema` is
    /// its file in Sources, without `.schema.json`.
    public static func problems(
        _ json: String, _ script: String = "", schema: String, in directory: String
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
}
