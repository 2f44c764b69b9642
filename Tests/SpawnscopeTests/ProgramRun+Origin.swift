import TestSupport

extension ProgramRun {
    /// Nothing was said, except that a recording of another machine is one: the recordings here are.
    var isQuiet: Bool {
        error.split(separator: "\n").allSatisfy {
            $0.contains(", not on this machine: files and symbols here name what has")
        }
    }
}
