/// Exec attempts of one process that failed in the same way.
package struct FailedAttempts: Hashable, Sendable {
    package var process: Int32
    package var failure: FailureTable.Failure
    package var count: Int
}
