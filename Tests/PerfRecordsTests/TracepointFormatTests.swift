import PerfRecords
import Testing

/// The format files of real kernels, and what must not confuse their parser.
@Suite struct TracepointFormatTests {
    static let common = """
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;


        """

    static func format(_ system: String, _ name: String, _ id: Int, _ fields: String) -> TracepointFormat? {
        TracepointFormat(
            system: system,
            text: "name: \(name)\nID: \(id)\n\(common)\(fields)\n\nprint fmt: \"field:int hidden;\", REC->pid\n")
    }

    /// `name kind offset+size` of every field behind the common ones.
    private func summary(_ format: TracepointFormat?) -> [String] {
        guard let format else { return ["no format"] }
        return format.fields.dropFirst(4).map { "\($0.name) \($0.place.kind) \($0.place.offset)+\($0.place.size)" }
    }

    @Test func theHeadAndTheCommonFields() throws {
        let format = try #require(Self.format("task", "task_newtask", 205, ""))
        #expect(format.system == "task" && format.name == "task_newtask" && format.id == 205)
        #expect(format.qualifiedName == "task:task_newtask")
        #expect(format.fields.map(\.name) == ["common_type", "common_flags", "common_preempt_count", "common_pid"])
        #expect(format.place(of: "common_type")?.kind == .integer(isSigned: false))
        #expect(format.place(of: "common_pid")?.kind == .integer(isSigned: true))
        #expect(format.place(of: "common_pid")?.offset == 4 && format.place(of: "common_pid")?.size == 4)
        #expect(format.field("pid") == nil && format.field("") == nil)
    }

    @Test func taskNewtask() {
        let format = Self.format(
            "task", "task_newtask", 205,
            """
            \tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;
            \tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;
            \tfield:unsigned long clone_flags;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:short oom_score_adj;\toffset:40;\tsize:2;\tsigned:1;
            """)
        #expect(
            summary(format) == [
                "pid integer(isSigned: true) 8+4", "comm array 12+16", "clone_flags integer(isSigned: false) 32+8",
                "oom_score_adj integer(isSigned: true) 40+2",
            ])
    }

    @Test func schedProcessExec() {
        let format = Self.format(
            "sched", "sched_process_exec", 365,
            """
            \tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;
            """)
        #expect(
            summary(format) == [
                "filename dataLocation 8+4", "pid integer(isSigned: true) 12+4", "old_pid integer(isSigned: true) 16+4",
            ])
    }

    /// `group_dead` is of newer kernels; some print the length of an array by the name of its macro.
    @Test(arguments: ["16", "TASK_COMM_LEN"], [true, false])
    func schedProcessExit(length: String, hasGroupDead: Bool) {
        let format = Self.format(
            "sched", "sched_process_exit", 369,
            """
            \tfield:char comm[\(length)];\toffset:8;\tsize:16;\tsigned:0;
            \tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;
            \tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;
            """ + (hasGroupDead ? "\n\tfield:bool group_dead;\toffset:32;\tsize:1;\tsigned:0;" : ""))
        let expected = ["comm array 8+16", "pid integer(isSigned: true) 24+4", "prio integer(isSigned: true) 28+4"]
        #expect(summary(format) == expected + (hasGroupDead ? ["group_dead integer(isSigned: false) 32+1"] : []))
        #expect((format?.field("group_dead") != nil) == hasGroupDead)
    }

    @Test func schedProcessForkOfOlderKernels() {
        let format = Self.format(
            "sched", "sched_process_fork", 310,
            """
            \tfield:char parent_comm[16];\toffset:8;\tsize:16;\tsigned:0;
            \tfield:pid_t parent_pid;\toffset:24;\tsize:4;\tsigned:1;
            \tfield:char child_comm[16];\toffset:28;\tsize:16;\tsigned:0;
            \tfield:pid_t child_pid;\toffset:44;\tsize:4;\tsigned:1;
            """)
        #expect(
            summary(format) == [
                "parent_comm array 8+16", "parent_pid integer(isSigned: true) 24+4", "child_comm array 28+16",
                "child_pid integer(isSigned: true) 44+4",
            ])
    }

    @Test func schedProcessForkOfNewerKernels() {
        let format = Self.format(
            "sched", "sched_process_fork", 366,
            """
            \tfield:__data_loc char[] parent_comm;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:pid_t parent_pid;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:__data_loc char[] child_comm;\toffset:16;\tsize:4;\tsigned:0;
            \tfield:pid_t child_pid;\toffset:20;\tsize:4;\tsigned:1;
            """)
        #expect(
            summary(format) == [
                "parent_comm dataLocation 8+4", "parent_pid integer(isSigned: true) 12+4",
                "child_comm dataLocation 16+4", "child_pid integer(isSigned: true) 20+4",
            ])
    }

    @Test func pointersAndArraysOfSystemCalls() {
        let format = Self.format(
            "syscalls", "sys_enter_execve", 862,
            """
            \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
            \tfield:const char * filename;\toffset:16;\tsize:8;\tsigned:0;
            \tfield:const char *const * argv;\toffset:24;\tsize:8;\tsigned:0;
            \tfield:struct rusage *ru;\toffset:32;\tsize:8;\tsigned:0;
            \tfield:unsigned long args[6];\toffset:40;\tsize:48;\tsigned:0;
            """)
        #expect(
            summary(format) == [
                "__syscall_nr integer(isSigned: true) 8+4", "filename integer(isSigned: false) 16+8",
                "argv integer(isSigned: false) 24+8", "ru integer(isSigned: false) 32+8", "args array 40+48",
            ])
    }

    @Test func relativeLocations() {
        let format = Self.format(
            "user_events", "probe", 1500,
            """
            \tfield:__rel_loc char[] message;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:__rel_loc unsigned char[] blob;\toffset:12;\tsize:4;\tsigned:0;
            """)
        #expect(summary(format) == ["message relativeLocation 8+4", "blob relativeLocation 12+4"])
    }

    @Test func aFormatNeedsANameAndAnID() {
        #expect(TracepointFormat(system: "s", text: "") == nil)
        #expect(TracepointFormat(system: "s", text: "name: n\n") == nil)
        #expect(TracepointFormat(system: "s", text: "ID: 5\n") == nil)
        #expect(TracepointFormat(system: "s", text: "name: n\nID: five\n") == nil)
        #expect(TracepointFormat(system: "s", text: "name: n\nID: 99999999999999999999\n") == nil)
        #expect(TracepointFormat(system: "s", text: "ID: 5\nname: n")?.fields == [])
    }

    /// Lines that are no field, or whose numbers are none, are skipped; the good one among them is kept.
    @Test(
        arguments: [
            "field:int a;", "field:", "field:;", "field:;\toffset:8;\tsize:4;\tsigned:1;",
            "field:int a;\toffset:8;\tsigned:1;", "field:int a;\tsize:4;\tsigned:1;",
            "field:int a;\toffset:-8;\tsize:4;\tsigned:1;", "field:int a;\toffset:8;\tsize:-4;\tsigned:1;",
            "field:int a;\toffset:99999999999999999999;\tsize:4;", "field:int a;\toffset:x;\tsize:4;",
            "field:***;\toffset:8;\tsize:4;\tsigned:1;", ";;;;", "::::", "field", "\tnonsense",
            "field:[];offset:1;size:1;", "field:int a offset:8 size:4",
        ])
    func oddLinesAreSkipped(line: String) {
        let format = Self.format("s", "n", 5, "\(line)\n\tfield:int good;\toffset:8;\tsize:4;\tsigned:1;\n\(line)")
        #expect(summary(format) == ["good integer(isSigned: true) 8+4"])
    }

    @Test func aFieldWithoutASignIsUnsigned() {
        let format = Self.format("s", "n", 5, "field:int a;\toffset:8;\tsize:4;")
        #expect(summary(format) == ["a integer(isSigned: false) 8+4"])
    }

    @Test func whatThePrintFormatHoldsIsNoField() {
        let format = TracepointFormat(
            system: "s", text: "name: n\nID: 5\nprint fmt: \"a\nfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n")
        #expect(format?.fields == [])
    }
}
