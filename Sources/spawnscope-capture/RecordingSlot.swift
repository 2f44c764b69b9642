import CPerfEvent
import LinuxSystem

/// One of a few names that a helper holds as long as it records, so that a user cannot slow the machine down by many: each
/// recording's programs run at every creation, exec, wait and end of all processes.
///
/// The names are of sockets that are no files (unix(7)). Whoever takes them without recording keeps others from recording,
/// and does no more harm.
struct RecordingSlot: ~Copyable {
    static let mostOfUser = 4
    static let most = 16

    private let own: OwnedDescriptor
    private let shared: OwnedDescriptor

    /// `nil` if there are too many.
    init?(user: UInt32) {
        guard let own = Self.free("user-\(user)", Self.mostOfUser), let shared = Self.free("all", Self.most) else {
            return nil
        }
        self.own = own
        self.shared = shared
    }

    private static func free(_ kind: String, _ count: Int) -> OwnedDescriptor? {
        for number in 0..<count {
            let descriptor = unsafe cperf_bind_abstract("spawnscope-capture-\(kind)-\(number)")
            if descriptor >= 0 { return OwnedDescriptor(descriptor) }
        }
        return nil
    }
}
