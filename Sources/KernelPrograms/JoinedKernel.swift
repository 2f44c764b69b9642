/// The joined recorder's programs in the kernel, as who reads their ring needs them: loaded by this process, or by the
/// helper for who may not.
package protocol JoinedKernel: AnyObject {
    /// The ring's map, which stays this object's.
    var ring: Int32 { get }
    /// Whether this kernel has the iterators by which mappings and paths are told.
    var hasIterators: Bool { get }
    /// Follows a thread from now on, named by its pidfd; what it is inside of is not known.
    func follow(pidfd: Int32) throws(BPFProgramError)
    /// Lets threads that nothing is known of yet belong to the workload, where all of the machine's do.
    func enable() throws(BPFProgramError)
    /// By kind of record: how many found no room. And the calls for which the kernel skipped a program.
    var losses: (lost: [UInt64], missed: UInt64) { get }
    /// When a living process first ran, if no record has told it; `pidfd` is of its first thread.
    func firstRun(pidfd: Int32) -> UInt64?
    /// Limits a clock event, which is the caller's alone, to the workload.
    func limit(event: Int32)
}
