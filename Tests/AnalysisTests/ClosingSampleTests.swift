import Analysis
import PerfRecords
import Reports
import SpawnStatistics
import TestSupport
import Testing

/// Cpu samples that fall into a spawn's preparation, by what they were taken in.
@Suite struct ClosingSampleTests {
    private static let kernelCode: UInt64 = 0xffff_ffff_8100_0000

    /// A spawner whose children each run for `samples` of the stack before they execute a program.
    private func findings(_ stack: [UInt64], functions: [String], samples: Int = 20) throws -> [Finding] {
        let spawner = NamedCode(process: 2_147_000_050, "_start", "main", "spawn")
        var children: [NamedCode] = []
        var session = HandmadeSession()
        session.kernelFunction(functions.last ?? "", at: Self.kernelCode)
        session.comm(spawner.process, "app")
        session.exec(spawner.process, "/bin/app")
        session.map(spawner.process, "//anon", at: spawner.start)
        // Of the spawner itself, which closes what it likes.
        for _ in 0..<30 { session.sample(spawner.process, stack: stack) }
        for child in 2_147_000_051...2_147_000_053 as ClosedRange<Int32> {
            let code = NamedCode(process: child, "_start", "main", functions[0])
            children.append(code)
            session.create(spawner.process, child, stack: spawner.stack("spawn", "main", "_start"))
            session.fork(spawner.process, child)
            session.map(child, "//anon", at: code.start)
            session.firstRun(child)
            for _ in 0..<samples { session.sample(child, stack: stack) }
            session.attemptEntry(child)
            session.exec(child, "/bin/true")
            // Behind the exec it is the program's own business.
            for _ in 0..<30 { session.sample(child, stack: stack) }
            session.exit(child)
        }
        // Their names are read from files that go with them.
        return try withExtendedLifetime((spawner, children)) {
            try session.withSession(root: spawner.process) { SpawnReport($0).report.findings }
        }
    }

    @Test(arguments: ["close", "__close", "__GI___close", "syscall.Close"])
    func closingByName(function: String) throws {
        let user: [UInt64] = [0x10025, 0x10015, 0x10005]
        let found = try findings(user, functions: [function, "other"])
        #expect(found.map(\.kind) == [.closingDescriptors])
        let text = try #require(found.first).text
        #expect(text.hasPrefix("Closing descriptors one by one: 60 of 60 cpu samples before the exec were in close"))
    }

    /// A system call without a wrapper shows in the kernel's frames alone.
    @Test func closingByTheKernelsFrame() throws {
        let stack: [UInt64] = [0 &- 128, Self.kernelCode + 0x10, 0 &- 512, 0x10025, 0x10015, 0x10005]
        #expect(try findings(stack, functions: ["raw", "__x64_sys_close"]).map(\.kind) == [.closingDescriptors])
        #expect(try findings(stack, functions: ["raw", "__x64_sys_close_range"]).isEmpty)
    }

    @Test func otherFunctionsAndFewSamplesAreFine() throws {
        let user: [UInt64] = [0x10025, 0x10015, 0x10005]
        for function in ["closefrom", "close_range", "dup2", "fclose"] {
            #expect(try findings(user, functions: [function, "other"]).isEmpty)
        }
        #expect(try findings(user, functions: ["close", "other"], samples: 3).isEmpty)
        #expect(try findings(user, functions: ["close", "other"], samples: 0).isEmpty)
        // `close` further out, as of a library's own function of that name.
        #expect(try findings([0x10015, 0x10025, 0x10005], functions: ["close", "other"]).isEmpty)
    }
}
