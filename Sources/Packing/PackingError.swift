package import PerfData

/// Why a session cannot be packed.
package enum PackingError: Error, Hashable {
    case packedAlready(path: String)
    /// Intel PT and the like: the trace lies outside of the records, and is not read here.
    case auxiliaryTrace(path: String)
    case write(SessionWriteError)
}
