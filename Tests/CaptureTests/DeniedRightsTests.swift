@testable import Capture
@testable import KernelPrograms
import Glibc
import Testing

/// What a refusal for want of rights means on other kernels than this one: seen on Debian's 5.10 and later, which have values of
/// perf_event_paranoid above 2, and charge BPF to the locked memory before 5.11.
@Suite(.serialized) struct DeniedRightsTests {
    private let capable: Capabilities = [.perfmon, .bpf, .ipcLock]

    @Test(arguments: [3, 4]) func aSettingThatOnlyDistributionsKnow(paranoid: Int) {
        let error = RecordingError.refused(code: EACCES, capabilities: capable, paranoid: paranoid)
        #expect(error == .onlyForRoot(paranoid: paranoid))
        let text = "\(error)"
        #expect(text.contains("kernel.perf_event_paranoid is \(paranoid)") && text.contains("run it by sudo"))
        #expect(!text.contains("seccomp"))
    }

    @Test(arguments: [2, 1, nil]) func aSettingThatCapabilitiesOverrule(paranoid: Int?) {
        let error = RecordingError.refused(code: EACCES, capabilities: capable, paranoid: paranoid)
        #expect(error == .forbidden(code: EACCES))
    }

    @Test func rootIsNotToldOfTheSetting() {
        #expect(
            RecordingError.refused(code: EPERM, capabilities: [.sysAdmin, .perfmon], paranoid: 3)
                == .forbidden(code: EPERM))
    }

    @Test func whoHasNoCapabilityIs() {
        #expect(RecordingError.refused(code: EACCES, capabilities: [.bpf], paranoid: 3) == .notPermitted(paranoid: 3))
    }

    @Test(arguments: [KernelVersion(5, 10), KernelVersion(4, 19)]) func locksMemoryForPrograms(kernel: KernelVersion) {
        let refusal = BPFProgramError.system(code: EPERM)
        for capabilities: Capabilities in [capable, [.sysAdmin], .all] {
            let reason = refusal.reason(capabilities: capabilities, kernel: kernel)
            #expect(reason.contains("ulimit -l") && !reason.contains("or root"))
        }
        #expect(refusal.reason(capabilities: [.perfmon], kernel: kernel).hasSuffix("CAP_PERFMON, or root"))
    }

    @Test(arguments: [KernelVersion(5, 11), KernelVersion(6, 1), nil]) func locksNoMemoryForPrograms(
        kernel: KernelVersion?
    ) {
        let reason = BPFProgramError.system(code: EPERM).reason(capabilities: .all, kernel: kernel)
        #expect(reason.contains("seccomp") && !reason.contains("ulimit") && !reason.contains("or root"))
    }

    @Test func theLimitIsRaisedAndPutBack() throws {
        let resource = __rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue)
        func limits() -> rlimit {
            var limit = rlimit()
            _ = unsafe getrlimit(resource, &limit)
            return limit
        }
        let before = limits()
        defer {
            var limit = before
            _ = unsafe setrlimit(resource, &limit)
        }
        var low = rlimit(rlim_cur: min(4096, before.rlim_max), rlim_max: before.rlim_max)
        try #require(unsafe setrlimit(resource, &low) == 0)
        let within = LockedMemoryLimit.raised { limits() }
        #expect(within.rlim_cur == within.rlim_max && within.rlim_max >= before.rlim_max)
        #expect(within.rlim_cur > low.rlim_cur || before.rlim_max == low.rlim_cur)
        #expect(limits().rlim_cur == low.rlim_cur && limits().rlim_max == low.rlim_max)
    }

    @Test(arguments: [
        ("6.1.0-50-amd64", KernelVersion(6, 1)), ("6.12.117+deb13-amd64", KernelVersion(6, 12)),
        ("5.10.223", KernelVersion(5, 10)), ("7.2-rc1", KernelVersion(7, 2)), ("next", nil), ("6", nil), ("", nil),
        ("99999999999999999999.1", nil),
    ])
    func releases(release: String, version: KernelVersion?) {
        #expect(KernelVersion(release: release) == version)
    }

    @Test func versionsAreInOrder() {
        #expect(KernelVersion(5, 10) < KernelVersion(5, 11) && KernelVersion(5, 15) < KernelVersion(6, 1))
        #expect(!(KernelVersion(5, 10) < KernelVersion(5, 10)) && !(KernelVersion(7, 0) < KernelVersion(6, 18)))
    }
}

extension Capabilities {
    fileprivate static let all = Capabilities(rawValue: .max)
}
