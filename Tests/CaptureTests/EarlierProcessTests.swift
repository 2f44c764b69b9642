@testable import Capture
import Glibc
import LinuxSystem
import PerfData
import PerfRecords
import Testing

/// What procfs tells of processes that ran before the recording.
@Suite struct EarlierProcessTests {
    @Test func descendants() {
        // 20 and 21 are each other's parents, as two reads of a table that changes may have it.
        let table = ProcessTable(parents: [1: 0, 5: 1, 6: 5, 7: 6, 8: 1, 9: 99, 20: 21, 21: 20])
        #expect(table.descendants(of: [5]) == [5, 6, 7])
        #expect(table.descendants(of: [6, 5, 8]) == [5, 6, 7, 8])
        #expect(table.descendants(of: [99]) == [])
        #expect(table.descendants(of: [20]) == [20, 21])
    }

    @Test func thisProcessRunsAndItsThreadsAreNoProcesses() throws {
        let table = ProcessTable.read()
        try table.check(getpid())
        #expect(table.parents[getpid()] == getppid())
        #expect(throws: RecordingError.noSuchProcess(1 << 30)) { try table.check(1 << 30) }
        let other = try #require(DirectoryEntries.numbers(in: "/proc/self/task").first { $0 != getpid() })
        #expect(throws: RecordingError.isThread(other, of: getpid())) { try table.check(other) }
    }

    private func mapping(_ line: String) -> SyntheticRecords.Mapping? {
        EarlierProcess.executableMapping(Array(line.utf8)[...])
    }

    @Test func executableMappings() throws {
        let file = try #require(mapping("7f00-8f00 r-xp 00001000 fe:01 4242       /opt/a b\\012c (deleted)"))
        #expect(file.start == 0x7f00 && file.length == 0x1000 && file.fileOffset == 0x1000)
        #expect(file.major == 0xfe && file.minor == 1 && file.inode == 4242)
        #expect(file.protection == 5 && file.flags == 2)
        #expect(file.path == Array("/opt/a b\nc (deleted)".utf8))
        let anonymous = try #require(mapping("1000-2000 rwxs 00000000 00:00 0 "))
        #expect(anonymous.path == Array("//anon".utf8) && anonymous.protection == 7 && anonymous.flags == 1)
        #expect(try #require(mapping("1000-2000 r-xp 00000000 00:00 0    [vdso]")).path == Array("[vdso]".utf8))
    }

    @Test(
        arguments: [
            "", "1000-2000", "1000-2000 rw-p 0 fe:01 1 /x", "2000-1000 r-xp 0 fe:01 1 /x", "1000 r-xp 0 fe:01 1 /x",
            "1000-2000 r-xp z fe:01 1 /x", "1000-2000 r-xp 0 fe 1 /x", "1000-2000 r-xp 0 fe:01 x /x",
            "1000-fffffffffffffffff r-xp 0 fe:01 1 /x",
        ])
    func otherMappings(line: String) {
        #expect(mapping(line) == nil)
    }

    @Test func recordsOfThisProcess() throws {
        var attributes = EventAttributes()
        attributes.sampleType = [.identifier, .threadID, .time, .cpu]
        attributes.flags = [.sampleIDAll]
        let layout = RecordLayout(attributes)
        let process = EarlierProcess(pid: getpid(), parent: getppid())
        let bytes = process.records(SyntheticRecords(time: 77, identifier: 3))
        var offset = 0
        var threads: Set<Int32> = []
        var named: Set<Int32> = []
        var paths: [String] = []
        while let header = RecordHeader(decoding: bytes.span.bytes, at: offset) {
            let record = Array(bytes[offset..<offset + header.size])
            let decoded = try Record.decode(record.span.bytes, layout: layout)
            #expect(decoded.identity.time == 77 && decoded.identity.identifier == 3)
            switch decoded.record {
            case .fork(let task):
                #expect(header.misc.isForkOfExisting && task.pid == getpid() && task.time == 77)
                #expect(task.parentPID == (task.tid == getpid() ? getppid() : getpid()))
                threads.insert(task.tid)
            case .comm(let comm):
                #expect(!header.misc.isCommExec && comm.pid == getpid() && threads.contains(comm.tid))
                named.insert(comm.tid)
            case .mmap(let mapping):
                #expect(header.misc.cpuMode == .user && mapping.pid == getpid())
                #expect(mapping.version2.map { $0.protection & 4 } == 4)
                paths.append(String(decoding: record[mapping.path].prefix { $0 != 0 }, as: UTF8.self))
            default: Issue.record("a record of type \(header.type)")
            }
            offset += header.size
        }
        #expect(offset == bytes.count && threads == named)
        #expect(threads.contains(getpid()) && threads.count > 1)
        #expect(paths.contains { $0.hasSuffix("/libc.so.6") } && paths.contains("[vdso]"))
        #expect(EarlierProcess(pid: 1 << 30, parent: 1).records(SyntheticRecords(time: 1, identifier: 1)) == [])
    }

    @Test func placesOfAControlGroup() {
        let mounts = """
            cgroup /cg/cpu cgroup rw,relatime,cpu 0 0
            cgroup /cg/perf cgroup rw,perf_event 0 0
            cgroup2 /cg/unified cgroup2 rw 0 0
            short
            """
        #expect(
            ControlGroup.candidates("a/b", mounts: Array(mounts.utf8)) == ["a/b", "/cg/perf/a/b", "/cg/unified/a/b"])
        #expect(ControlGroup.candidates("/a", mounts: Array(mounts.utf8)) == ["/a", "/cg/perf/a", "/cg/unified/a"])
        #expect(ControlGroup.candidates("", mounts: Array(mounts.utf8)) == [])
    }

    @Test(
        arguments: [
            ("offline@/devices/system/cpu/cpu1\0ACTION=offline", 1, false),
            ("online@/devices/system/cpu/cpu12", 12, true),
        ] as [(String, Int32, Bool)])
    func changesOfCPUs(message: String, cpu: Int32, isOnline: Bool) throws {
        let change = try #require(CPUChanges.parse(Array(message.utf8)[...]))
        #expect(change.cpu == cpu && change.isOnline == isOnline)
    }

    @Test(arguments: ["", "add@/devices/system/cpu/cpu1", "offline@/devices/system/memory/memory1", "online@/x"])
    func otherChanges(message: String) {
        #expect(CPUChanges.parse(Array(message.utf8)[...]) == nil)
    }

    @Test func notesOnCPUs() {
        func notes(_ online: [Int32], _ gone: Set<Int32> = [], _ new: Set<Int32> = []) -> [String] {
            CPUChanges.notes(recorded: [0, 1], online: online, wentOffline: gone, cameOnline: new)
        }
        #expect(notes([0, 1]) == [])
        #expect(notes([0]) == ["CPU 1 went offline: what ran there from then on is not in the session"])
        #expect(notes([0, 1], [1], [1]) == notes([0]))
        #expect(notes([0, 1, 2]) == ["CPU 2 came online: what ran there is not in the session"])
        #expect(notes([0, 1], [2], [2]) == notes([0, 1, 2]))
    }
}
