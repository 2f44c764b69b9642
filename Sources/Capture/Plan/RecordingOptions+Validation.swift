import Glibc
import LinuxSystem
import Session

extension RecordingOptions {
    /// The smallest `--max-size`: a session's tables, and the state at the start, are written before anything is
    /// recorded.
    static let smallestMaximumSize: UInt64 = 1 << 20

    /// Throws `.usage` for invalid options and for options that exclude each other.
    func validate() throws(RecordingError) {
        try validateTarget()
        if output == "-" {
            throw .usage(
                "a session cannot go to standard output, its header is completed at the end: name a file with -o")
        }
        if output.isEmpty { throw .usage("-o needs the name of a file") }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard leastRingSize >= page, leastRingSize & (leastRingSize - 1) == 0, leastRingSize <= 1 << 30 else {
            throw .usage("--ring-size must be a power of two between \(page) bytes and 1G")
        }
        if let stackSize, stackSize != 0 {
            let largest =
                switch recorder {
                case .events: StackDump.largestSize
                case .traced: StackDump.largestTracedSize
                default: StackDump.largestLiveSize
                }
            guard stackSize.isMultiple(of: 8), 8...largest ~= stackSize else {
                throw .usage("--stack-size must be a multiple of 8 up to \(largest >> 10)K, or 0 for no stacks")
            }
            guard stackSize <= leastRingSize / 4 else {
                throw .usage(
                    "--stack-size is too much for the ring: give it less, or --ring-size at least four times as much")
            }
        }
        if let maximumSize, maximumSize < Self.smallestMaximumSize { throw .usage("--max-size must be at least 1M") }
        if let frequency = sampleFrequency {
            let limit = SystemFile.number("/proc/sys/kernel/perf_event_max_sample_rate") ?? 100_000
            guard frequency > 0, frequency <= UInt64(clamping: limit) else {
                throw .usage("--sample must be 1 to \(limit) Hz (kernel.perf_event_max_sample_rate)")
            }
        }
        if requirement == .phases, leavesOutSystemCalls {
            throw .usage("--require phases needs system calls, which --no-syscalls leaves out")
        }
        if let requirement, requirement >= .stacks, stackSize == 0 {
            throw .usage("--require \(requirement.rawValue) needs stacks, which --stack-size 0 leaves out")
        }
        if tracepoints.isEmpty, filter != nil || callchains {
            throw .usage("--filter and -g belong to the tracepoints that -e names")
        }
    }

    private func validateTarget() throws(RecordingError) {
        switch target {
        case .command:
            guard !commandName.isEmpty else {
                throw .usage("no command: put it after --, as in spawnscope record -- ls -l; or give -p PID or -a")
            }
        case .machine:
            guard command.isEmpty || !commandName.isEmpty else { throw .usage("the command's name is empty") }
        case .processes(let processes):
            guard command.isEmpty else { throw .usage("-p records running processes: leave the command out") }
            guard !processes.isEmpty, processes.allSatisfy({ $0 > 0 }) else {
                throw .usage("-p needs process ids, separated by commas")
            }
        case .cgroup:
            guard command.isEmpty else { throw .usage("--cgroup records what runs there: leave the command out") }
        }
        if user != nil, command.isEmpty {
            throw .usage("-u is for a command: leave it out, what runs already has its user")
        }
        if waitsForAll, command.isEmpty || target != .command {
            throw .usage("--wait-for-all is for the descendants of a command: leave it out")
        }
    }
}
