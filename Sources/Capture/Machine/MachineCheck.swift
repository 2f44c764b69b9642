/// The state of one thing that recording needs or can use on this machine.
package struct MachineCheck: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case fine
        /// Recording works with less.
        case limited
        /// Recording does not work.
        case blocking
    }

    package var subject: String
    package var state: State
    package var finding: String
    /// What to run or to ask for.
    package var remedy: String?

    static func fine(_ subject: String, _ finding: String) -> MachineCheck {
        MachineCheck(subject: subject, state: .fine, finding: finding)
    }

    static func limited(_ subject: String, _ finding: String, remedy: String? = nil) -> MachineCheck {
        MachineCheck(subject: subject, state: .limited, finding: finding, remedy: remedy)
    }

    static func blocking(_ subject: String, _ finding: String, remedy: String? = nil) -> MachineCheck {
        MachineCheck(subject: subject, state: .blocking, finding: finding, remedy: remedy)
    }
}
