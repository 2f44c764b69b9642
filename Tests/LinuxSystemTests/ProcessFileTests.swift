import Glibc
import LinuxSystem
import Testing

/// What procfs says of a process, by lines as proc_pid_stat(5) and proc_pid_status(5) have them.
@Suite struct ProcessFileTests {
    @Test(
        arguments: [
            ("7 (sh) S 5 7 7 0", 5, false), ("7 (a) b) (c) Z 1 7", 1, true), ("7 ()) X 2 7 7", 2, true),
        ] as [(String, Int32, Bool)])
    func statusLines(text: String, parent: Int32, isZombie: Bool) throws {
        let status = try #require(ProcessStat(Array(text.utf8)))
        #expect(status.parent == parent && status.isZombie == isZombie)
    }

    @Test(arguments: ["", "7 (sh", "7 (sh)", "7 (sh) S", "7 (sh) S x 7"])
    func badStatusLines(text: String) {
        #expect(ProcessStat(Array(text.utf8)) == nil)
    }

    /// The 22nd field, behind a comm with blanks and parentheses.
    @Test func theStartIsTheTwentySecondField() {
        let fields = (4...30).map(String.init).joined(separator: " ")
        #expect(ProcessStat(Array("7 (a ) (b) S \(fields)".utf8))?.startTicks == 22)
        #expect(ProcessStat(Array("7 (a) S 4 5".utf8))?.startTicks == nil)
        let own = ProcessStat(of: getpid())
        #expect(own?.parent == getppid() && own?.isZombie == false && own?.startTicks ?? 0 > 0)
        #expect(ProcessStat(of: 1 << 30) == nil)
    }

    @Test func linesOfStatus() {
        let text = "Name:\tsh\nTgid:\t7\nPid:\t9\nUid:\t1000\t0\t1000\t1000\nNSpid:\t9\t3\t1\n"
        let status = ProcessStatus(Array(text.utf8))
        #expect(status.leader == 7 && status.innermostNumber == 1 && status.effectiveUser == 0)
        let none = ProcessStatus(Array("Tgid:\nNSpid:\nUid:\t5\n".utf8))
        #expect(none.leader == nil && none.innermostNumber == nil && none.effectiveUser == nil)
    }
}
