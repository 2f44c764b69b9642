import Glibc
import KernelPrograms

extension MachineReport {
    /// Whether the helper records for this user, found by having it load its programs; `nil` if it is not installed, or its user
    /// needs none.
    static func helper() -> MachineCheck? {
        guard geteuid() != 0, let path = HelperProgram.path else { return nil }
        let subject = "helper"
        guard HelperProgram.isRoots(path) else {
            return .limited(subject, "\(path) is not root's alone: it is not run")
        }
        let grant = "sudo setcap \(HelperProgram.capabilities) '\(path)'"
        guard HelperProgram.hasCapabilities(path) else {
            return .limited(
                subject, "\(path) has no capabilities, with which it would record your own programs for you",
                remedy: "\(grant), if its administrator trusts it: see the chapter Installing")
        }
        guard let usable = HelperProgram.usable else {
            return .limited(subject, "\(path) may not be run by you", remedy: "ask for its group")
        }
        do throws(BPFProgramError) {
            _ = try JoinedHelper(path: usable, ringSize: 1 << 16, stackLimit: 1 << 12, wakeAt: 1 << 15)
            return .fine(subject, "\(path) may load the joined recorder's programs: record uses it")
        } catch {
            return .limited(subject, "\(path): \(error.reason(capabilities: [], kernel: .running))")
        }
    }
}
