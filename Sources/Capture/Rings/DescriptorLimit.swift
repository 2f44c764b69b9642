import Glibc

/// RLIMIT_NOFILE of the recorder; the workload is forked before and keeps its own.
enum DescriptorLimit {
    static var current: UInt64 {
        var limit = rlimit()
        return unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : 0
    }

    /// Raises the soft limit, and the hard one if that is needed and permitted, to `needed` descriptors.
    static func raise(to needed: Int) {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        let wanted = rlim_t(clamping: needed)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        let hard = limit.rlim_max
        limit.rlim_max = max(hard, wanted)
        if unsafe setrlimit(resource, &limit) == 0 { return }
        // Otherwise raises it as far as the hard limit; opening events reports what is missing.
        limit.rlim_max = hard
        limit.rlim_cur = min(wanted, hard)
        _ = unsafe setrlimit(resource, &limit)
    }
}
