internal import Glibc
internal import LinuxSystem

/// A process of the session that still runs, as procfs describes it (proc_pid_stat(5), proc_pid_status(5)).
struct LivingProcess {
    /// Its pid in its innermost pid namespace, which getpid(2) returns to it.
    let innermostNumber: Int32
    /// Its effective user.
    let user: UInt32
    /// When it began, in nanoseconds since 1970.
    let began: UInt64

    /// `nil` if no process with that pid runs, or if it began later than the recorded one. `since` is when the recorded
    /// one's program began, by the session's clock; `nil` if before the recording.
    init?(_ process: Int32, since: UInt64?, settings: SymbolSettings) {
        guard settings.asksLivingProcesses, let start = settings.start, let wall = settings.wallTime(since ?? start),
            let began = Self.beginning(of: process), began <= wall &+ 1_000_000_000,
            let bytes = TextFile.bytes("/proc/\(process)/status", limit: 1 << 16)
        else { return nil }
        let status = ProcessStatus(bytes)
        guard let user = status.effectiveUser else { return nil }
        innermostNumber = status.innermostNumber ?? process
        self.user = user
        self.began = began
    }

    /// When a process began, in nanoseconds since 1970. The 22nd field of stat counts clock ticks since boot.
    private static func beginning(of process: Int32) -> UInt64? {
        guard let bytes = TextFile.bytes("/proc/\(process)/stat", limit: 4096), let stat = ProcessStat(bytes),
            !stat.isZombie, let ticks = stat.startTicks
        else { return nil }
        let ticksASecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let (scaled, overflow) = ticks.multipliedReportingOverflow(by: 1_000_000_000 / ticksASecond)
        let now = nanoseconds(CLOCK_REALTIME)
        let sinceBoot = nanoseconds(CLOCK_BOOTTIME)
        return overflow || scaled > sinceBoot ? nil : now &- (sinceBoot - scaled)
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
