import TestSupport
import Testing

/// A child can be reaped by io_uring, of which no event tells.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedRingTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }

    /// What is left is still there when the parent ends, ring or none.
    /// `MODE` is where the first three children are waited for: `ring` by io_uring's WAITID (Linux 6.7), `left` nowhere, with a ring;
    /// `none` nowhere, without one. A fourth is waited for by wait4.
    private static let source = """
        #define _GNU_SOURCE
        #include <linux/io_uring.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(int count, char **arguments) {
            const char *mode = arguments[1];
            struct io_uring_params params = {0};
            int ring = -1;
            unsigned char *sq = 0, *cq = 0;
            struct io_uring_sqe *entries = 0;
            if (strcmp(mode, "none") != 0) {
                ring = syscall(SYS_io_uring_setup, 8, &params);
                if (ring < 0) return 3;
                sq = mmap(0, params.sq_off.array + 8 * 4, 3, MAP_SHARED, ring, IORING_OFF_SQ_RING);
                cq = mmap(0, params.cq_off.cqes + 16 * 16, 3, MAP_SHARED, ring, IORING_OFF_CQ_RING);
                entries = mmap(0, 8 * sizeof *entries, 3, MAP_SHARED, ring, IORING_OFF_SQES);
            }
            for (int number = 0; number < 3; number++) {
                pid_t child = fork();
                if (child == 0) _exit(0);
                siginfo_t told;
                if (strcmp(mode, "ring") != 0) {
                    if (waitid(P_PID, child, &told, WEXITED | WNOWAIT) != 0) return 8;
                    continue;
                }
                memset(&entries[0], 0, sizeof entries[0]);
                entries[0].opcode = 50; /* IORING_OP_WAITID */
                entries[0].fd = child;
                entries[0].len = P_PID;
                entries[0].addr2 = (uintptr_t)&told;
                entries[0].file_index = WEXITED;
                unsigned *tail = (unsigned *)(sq + params.sq_off.tail);
                ((unsigned *)(sq + params.sq_off.array))[*tail & 7] = 0;
                __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
                if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) != 1) return 4;
                struct io_uring_cqe *done = (struct io_uring_cqe *)(cq + params.cq_off.cqes) + number;
                if (done->res != 0) { printf("%d\\n", done->res); return 5; }
                /* Else the next enter has its one completion at once. */
                __atomic_store_n((unsigned *)(cq + params.cq_off.head), number + 1, __ATOMIC_RELEASE);
            }
            pid_t last = fork();
            if (last == 0) _exit(0);
            if (waitpid(last, 0, 0) != last) return 6;
            return strcmp(mode, "ring") == 0 && waitpid(-1, 0, WNOHANG) >= 0 ? 7 : 0;
        }
        """

    private static let modes = ["ring", "left", "none"]

    @Test(arguments: modes) func whoWasWaitedFor(mode: String) throws {
        let program = try Compiler.program(Self.source, ["-O1"], in: directory.path)
        let record = try ProgramRun(PerfPrivileges.program, "record", "-o", session, "--", program, mode)
        try #require(record.status == 0, "\(record.status) \(record.output)\(record.error)")
        let json = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", "--spawns", session)
        let check =
            mode != "ring"
            ? """
            assert report["totals"]["unreaped"] == 3 and "unknown" not in report["session"], report["totals"]
            """
            : """
            assert report["totals"]["spawns"] == 4 and "unreaped" not in report["totals"], report["totals"]
            assert report["totals"]["at_least"] == {"unreaped": 0}, report["totals"]
            assert report["session"]["unknown"] == [{"fact": "unreaped", "reason": "io_uring", "processes": 3}], report["session"]
            assert report["totals"]["failed_attempts"] == 0 and report["findings"] == [], report
            assert sum("reap" in spawn["phases"] for spawn in report["spawns"]) == 1, report["spawns"]
            """
        #expect(try ReportChecker.problems(json.output, check, in: directory.path) == "", "\(json.output)")
        let text = try ProgramRun(PerfPrivileges.program, "report", session)
        let words = "who was not waited for (3 processes may have been waited for by io_uring"
        let lines = text.output.split(whereSeparator: { $0 == "\n" || $0 == " " }).joined(separator: " ")
        #expect(lines.contains(words) == (mode == "ring"), "\(text.output)")
        #expect(text.output.contains("LEAKS") == (mode != "ring"), "\(text.output)")
        for (limits, status) in [("unreaped: 0", mode != "ring" ? 1 : 3), ("spawns: 4", mode != "ring" ? 1 : 0)] {
            let file = directory.path + "/b.yml"
            let budget = "schema: spawnscope.budget/1\nbudgets:\n  - {name: all, \(limits)}\n"
            try Compiler.write(Array(budget.utf8), to: file)
            let verdict = try ProgramRun(PerfPrivileges.program, "budget", session, "--file", file)
            #expect(verdict.status == Int32(status), "\(limits) \(verdict.output)\(verdict.error)")
            if mode == "ring" { #expect(verdict.output.contains("io_uring"), "\(verdict.output)") }
        }
    }
}
