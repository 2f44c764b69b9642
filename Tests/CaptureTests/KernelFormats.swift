import Capture
import PerfRecords

/// Tracepoints as kernels of two ages describe them, written down by hand.
enum KernelFormats {
    static let common = """
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;


        """

    /// `sched_process_exit` of Debian 12's kernel 6.1: no group_dead.
    static let exit61 =
        "name: sched_process_exit\nID: 311\n" + common
            + """
            \tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;
            \tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;
            \tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;

            print fmt: "comm=%s pid=%d prio=%d", REC->comm, REC->pid, REC->prio

            """

    /// As Linux 6.18 has it.
    static let exit618 =
        "name: sched_process_exit\nID: 369\n" + common
            + """
            \tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;
            \tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;
            \tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;
            \tfield:bool group_dead;\toffset:32;\tsize:1;\tsigned:0;

            print fmt: "comm=%s pid=%d prio=%d group_dead=%s", REC->comm, REC->pid, REC->prio, REC->group_dead ? "true" : "false"

            """

    /// Looks tracepoints up as a kernel with all of them but `lacking` would have it.
    static func describe(
        _ name: TracepointName, exit: String = exit618, lacking: Set<String> = []
    ) -> TracepointDescription? {
        if lacking.contains(name.description) || name.system == "nosuch" { return nil }
        if name.event == "sched_process_exit" {
            return TracepointDescription(system: name.system, text: Array(exit.utf8))
        }
        let id = 1000 + name.description.utf8.reduce(0) { $0 + Int($1) }
        return TracepointDescription(system: name.system, text: Array("name: \(name.event)\nID: \(id)\n\(common)".utf8))
    }
}
