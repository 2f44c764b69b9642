/// Identifies a recording. Every exported row has it, so that rows of many sessions can be in one table.
package struct SessionOrigin: Hashable, Sendable {
    /// The recording's UUID; older sessions and those of other recorders have none.
    package var id: String?
    /// The machine's host name.
    package var host: String?
    /// When the recording began, nanoseconds since 1970.
    package var startWall: UInt64?
    /// The way in which events came from the kernel.
    package var recorder: String?
    /// Of the control group that was recorded: the container's id, and systemd's unit.
    package var container: String?
    package var unit: String?

    package init(id: String? = nil, host: String? = nil, startWall: UInt64? = nil, recorder: String? = nil) {
        (self.id, self.host, self.startWall, self.recorder) = (id, host, startWall, recorder)
    }
}
