/// Which recording something is of, told with every row that leaves a session, so that rows of many sessions can lie in one table.
package struct SessionOrigin: Hashable, Sendable {
    /// Names the recording for good, a UUID; older sessions and those of others have none.
    package var id: String?
    /// The machine's name for itself.
    package var host: String?
    /// When the recording began, nanoseconds since 1970.
    package var startWall: UInt64?
    /// Which way the recorder took.
    package var recorder: String?

    package init(id: String? = nil, host: String? = nil, startWall: UInt64? = nil, recorder: String? = nil) {
        (self.id, self.host, self.startWall, self.recorder) = (id, host, startWall, recorder)
    }
}
