extension RecordType: CustomStringConvertible {
    /// The name that perf's own listings use: the constant without `PERF_RECORD_`, and without `HEADER_` as in perf.
    public var description: String {
        Self.names[rawValue] ?? "type \(rawValue)"
    }

    private static let names: [UInt32: String] = [
        1: "MMAP", 2: "LOST", 3: "COMM", 4: "EXIT", 5: "THROTTLE", 6: "UNTHROTTLE", 7: "FORK", 8: "READ", 9: "SAMPLE",
        10: "MMAP2", 11: "AUX", 12: "ITRACE_START", 13: "LOST_SAMPLES", 14: "SWITCH", 15: "SWITCH_CPU_WIDE",
        16: "NAMESPACES", 17: "KSYMBOL", 18: "BPF_EVENT", 19: "CGROUP", 20: "TEXT_POKE", 21: "AUX_OUTPUT_HW_ID",
        22: "CALLCHAIN_DEFERRED",
        64: "ATTR", 65: "EVENT_TYPE", 66: "TRACING_DATA", 67: "BUILD_ID", 68: "FINISHED_ROUND", 69: "ID_INDEX",
        70: "AUXTRACE_INFO", 71: "AUXTRACE", 72: "AUXTRACE_ERROR", 73: "THREAD_MAP", 74: "CPU_MAP", 75: "STAT_CONFIG",
        76: "STAT", 77: "STAT_ROUND", 78: "EVENT_UPDATE", 79: "TIME_CONV", 80: "FEATURE", 81: "COMPRESSED",
        82: "FINISHED_INIT", 83: "COMPRESSED2", 84: "BPF_METADATA",
        // SIMPLE_PERF_RECORD_*.
        32769: "KERNEL_SYMBOL", 32770: "DSO", 32771: "SYMBOL", 32772: "SPLIT", 32773: "SPLIT_END", 32774: "EVENT_ID",
        32775: "CALLCHAIN", 32776: "UNWINDING_RESULT", 32777: "TRACING_DATA", 32778: "DEBUG",
    ]
}
