import Testing

@testable import Comparison

@Suite struct CallSiteTests {
    /// Another build moves addresses, renames copies and loses names of files; the call site stays.
    @Test func keysOutliveABuild() {
        let old = CallSiteKey(
            stack: ["_start", "main", "run.constprop.0", "[libfoo.so.1]", "core::go::h0123456789abcdef", "vfork"],
            comm: "old-tool", rootComm: "old-tool")
        let new = CallSiteKey(
            stack: [
                "[truncated]", "_start", "main", "run.constprop.1", "[unknown]", "0x7f00",
                "core::go::hfedcba9876543210", "vfork",
            ],
            comm: "new-tool", rootComm: "new-tool")
        #expect(old == new && old.frames == ["_start", "main", "run", "core::go", "vfork"] && old.comm == nil)
        #expect(CallSiteKey.stable("main.cold") == "main" && CallSiteKey.stable(".cold") == ".cold")
        #expect(CallSiteKey.stable("syscall.rawVforkSyscall.abi0") == "syscall.rawVforkSyscall")
        #expect(CallSiteKey.stable("[make]") == nil && CallSiteKey.stable("") == nil)
    }

    @Test func commandsHaveTheirComm() {
        #expect(CallSiteKey.comm(ofCommand: ["./bin/a-very-long-program-name", "x"]) == "a-very-long-pro")
        #expect(CallSiteKey.comm(ofCommand: []) == nil && CallSiteKey.comm(ofCommand: ["/"]) == nil)
    }

    private func site(_ spawns: Int) -> ScopeFigures {
        ScopeFigures(counts: [.spawns: spawns], overheadSum: UInt64(spawns * 1000))
    }

    private func key(_ comm: String?, _ frames: String...) -> CallSiteKey { CallSiteKey(comm: comm, frames: frames) }

    @Test func newAndVanishedOnesHaveTheirShare() throws {
        let base = RunSummary.made("a", callSites: [key("sh", "main", "f"): site(4), key("sh", "main", "g"): site(10)])
        let head = RunSummary.made(
            "b", callSites: [key("sh", "main", "g"): site(10), key("sh", "main", "h"): site(12)])
        let sites = RunComparison.compare(base: [base], head: [head]).callSites
        #expect(sites.map(\.presence) == [.new, .vanished, .both])
        #expect(sites.map(\.share) == [0.75, 0.25, 0] && sites.map(\.spawnsChange) == [12, -4, 0])
        #expect(sites[0].overheadChange == 12_000)
    }

    @Test func aRenamedSpawnerIsTheSame() {
        let base = RunSummary.made("a", callSites: [key("cc1-12", "main", "f"): site(4)])
        let head = RunSummary.made("b", callSites: [key("cc1-13", "main", "f"): site(4)])
        #expect(RunComparison.compare(base: [base], head: [head]).callSites.map(\.presence) == [.both])
        // Two that could be meant are left alone.
        let two = RunSummary.made("b", callSites: [key("x", "main", "f"): site(4), key("y", "main", "f"): site(4)])
        #expect(RunComparison.compare(base: [base], head: [two]).callSites.count == 3)
    }

    @Test func theOrderOfRecordingDecides() {
        func order(_ base: [UInt64?], _ head: [UInt64?]) -> String {
            switch RecordingOrder(base: base, head: head) {
            case .paired(let pairs): "paired \(pairs.map { "\($0.base)\($0.head)" })"
            case .known: "known"
            case .unknown: "unknown"
            }
        }
        #expect(order([1, 4], [2, 3]) == #"paired ["00", "11"]"#)
        #expect(order([5, 1], [2, 6]) == #"paired ["10", "01"]"#)
        #expect(order([1, 2], [3, 4]) == "known" && order([1, 2, 3], [4]) == "known")
        #expect(order([1, nil], [2, 3]) == "unknown" && order([1, 1], [2, 3]) == "unknown")
    }
}
