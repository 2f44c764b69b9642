import LinuxSystem

extension JoinedPrograms {
    /// Whether this process has a pid namespace of its own, as in a container (PROC_PID_INIT_INO of linux/proc_ns.h).
    package static var isNested: Bool {
        guard let file = try? OwnedDescriptor(reading: "/proc/self/ns/pid"),
            let space = try? FileStatus(file.number)
        else { return true }
        return space.inode != 0xefff_fffc
    }
}
