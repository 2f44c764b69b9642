import CPerfEvent

/// Has the tracer run on the CPU of the process that creates others: a stop then costs a switch between two threads of one
/// CPU, and not the wake-up of another CPU and the wait for it. If several create, on several CPUs, it runs anywhere.
struct TracerAffinity {
    /// Where it runs; -1: anywhere.
    private var current: Int32 = -1
    private var last: Int32 = -1
    /// How many creations in a row were on `last`.
    private var streak = 0
    /// By thread that creates: where its restartable sequences are.
    private var sequences: [Int32: UInt64] = [:]

    private static let least = 3
    private static let mostThreads = 1 << 10

    /// A stopped thread has created a process.
    mutating func follow(_ thread: Int32) {
        guard let cpu = cpu(of: thread) else { return }
        streak = cpu == last ? streak + 1 : 0
        last = cpu
        if streak >= Self.least, current != cpu {
            current = cperf_run_on(cpu) >= 0 ? cpu : -1
        } else if streak == 0, current >= 0, current != cpu {
            _ = cperf_run_on(-1)
            current = -1
        }
    }

    private mutating func cpu(of thread: Int32) -> Int32? {
        let place: UInt64
        if let known = sequences[thread] {
            place = known
        } else {
            if sequences.count >= Self.mostThreads { sequences.removeAll() }
            place = cperf_trace_sequences(thread)
            sequences[thread] = place
        }
        guard place != 0, let words = Tracee.word(of: thread, at: place) else { return nil }
        // struct rseq: cpu_id_start, cpu_id
        let cpu = Int32(truncatingIfNeeded: words >> 32)
        return cpu >= 0 ? cpu : nil
    }
}
