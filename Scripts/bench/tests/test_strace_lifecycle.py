"""The account of strace's logs, on lines as strace 6.1 writes them."""

import unittest

from bench.strace import account, lifecycle, log
from bench.strace.log import Undecided

ROOT = '10 execve("/bin/root", ["root"], 0x7ffd /* 35 vars */) = 0\n'
FORK = "10 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1) = {}\n"
WAIT = "10 wait4({0}, [{{WIFEXITED(s) && WEXITSTATUS(s) == 0}}], 0, NULL) = {0}\n"
END = "10 exit_group(0) = ?\n10 +++ exited with 0 +++\n"
IGNORED = "10 rt_sigaction(SIGCHLD, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7}, NULL, 8) = 0\n"
NO_WAIT = "10 rt_sigaction(SIGCHLD, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=SA_RESTORER|SA_NOCLDWAIT, sa_restorer=0x7}, NULL, 8) = 0\n"


def report(text, whole=False):
    return account.report(lifecycle.Lifecycle(log.events(text.splitlines()), whole).run())


def totals(log):
    return {name: value for name, value in report(log)["totals"].items() if value}


def spawn(log):
    (only,) = report(log)["spawns"]
    return only


class Lines(unittest.TestCase):
    def test_times_durations_and_descriptors_are_passed_over(self):
        (call,) = log.events(
            [
                '7  1795464603.877732 execveat(3</tmp/a, b)>, "x, \\"y\\")", ["z"], NULL, AT_EMPTY_PATH) = -1 ENOENT (No such file) <0.000155>'
            ]
        )
        self.assertEqual((call.thread, call.name, call.value, call.error), (7, "execveat", -1, "ENOENT"))
        self.assertEqual(call.arguments, ["3</tmp/a, b)>", '"x, \\"y\\")"', '["z"]', "NULL", "AT_EMPTY_PATH"])

    def test_a_string_may_look_like_a_result(self):
        (call,) = log.events(['7 execve("/a) = 5", ["<unfinished ...>"], NULL) = -1 EACCES (Permission denied)'])
        self.assertEqual((call.arguments[0], call.value, call.error), ('"/a) = 5"', -1, "EACCES"))

    def test_strings_are_decoded(self):
        self.assertEqual(log.decode_string(r'"/a\n\t\"\\;\303\251\1"'), '/a\n\t"\\;é\x01')
        self.assertEqual(log.decode_string(r'"\377"'), "\ufffd")
        self.assertIsNone(log.decode_string("NULL"))
        self.assertIsNone(log.decode_string("0x1"))
        with self.assertRaises(Undecided):
            log.decode_string('"/a"...')

    def test_halves_are_joined(self):
        began, call = log.events(["7 wait4(-1,  <unfinished ...>", "7 <... wait4 resumed>NULL, WNOHANG, NULL) = 8 <0.1>"])
        self.assertEqual((call.begin, call.end, call.arguments), (1, 2, ["-1", "NULL", "WNOHANG", "NULL"]))

    def test_a_call_that_has_no_name_is_one(self):
        began, ended = log.events(["7 ???( <unfinished ...>", "7 +++ killed by SIGKILL +++"])
        self.assertEqual((began.call.name, ended.signal), ("???", "SIGKILL"))

    def test_what_is_not_understood_is_an_error(self):
        for lines in (["seven"], ["7 what"], ["7 <... wait4 resumed>) = 1"], ["7 fork("], ["7 +++ vanished +++"]):
            with self.assertRaises(Undecided):
                list(log.events(lines))


class Counting(unittest.TestCase):
    def test_the_root_is_no_spawn_and_its_search_and_first_exec_count_nowhere(self):
        missed = '10 execve("/a/root", ["root"], 0x1) = -1 ENOENT (No such file or directory)\n'
        self.assertEqual(totals(missed + ROOT + END), {})

    def test_what_the_root_executes_later_counts_in_the_totals_only(self):
        missed = '10 execve("/a/x", ["x"], 0x1) = -1 ENOENT (No such file or directory)\n'
        self.assertEqual(totals(ROOT + missed + ROOT + END), {"execs": 1, "failed_attempts": 1})

    def test_executed_forked_and_failed(self):
        log = ROOT + FORK.format(11) + FORK.format(12) + FORK.format(13)
        log += '11 execve("/bin/a", ["a"], 0x1) = 0\n11 execve("/bin/b", ["b"], 0x1) = 0\n11 +++ exited with 3 +++\n'
        log += "12 +++ killed by SIGKILL +++\n"
        log += '13 execve("/a", ["a"], 0x1) = -1 ENOENT (No such file or directory)\n13 +++ exited with 127 +++\n'
        log += WAIT.format(11) + WAIT.format(12) + WAIT.format(13) + END
        self.assertEqual(totals(log), {"spawns": 3, "execs": 2, "forked": 1, "failed": 1, "failed_attempts": 1})
        self.assertEqual(report(log)["failures"], [{"path": "/a", "errno": "ENOENT", "attempts": 1}])
        self.assertEqual(
            [(s["outcome"], s["path"], s["status"], s["signal"], s["reaped"]) for s in report(log)["spawns"]],
            [("executed", "/bin/a", 3, None, True), ("forked", None, None, 9, True), ("failed", None, 127, None, True)],
        )

    def test_a_child_may_run_before_its_creation_returns(self):
        log = ROOT + "10 vfork( <unfinished ...>\n" + '11 execve("/bin/a", ["a"], 0x1 <unfinished ...>\n'
        log += "10 <... vfork resumed>) = 11\n11 <... execve resumed>) = 0\n11 +++ exited with 0 +++\n" + WAIT.format(11) + END
        self.assertEqual((spawn(log)["method"], spawn(log)["outcome"]), ("vfork", "executed"))

    def test_a_pid_may_be_used_twice(self):
        once = FORK.format(11) + "11 +++ exited with 0 +++\n" + WAIT.format(11)
        self.assertEqual(totals(ROOT + once + once + END), {"spawns": 2, "forked": 2})

    def test_threads_are_no_spawns_and_their_spawns_are_their_process(self):
        thread = "10 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11\n"
        fork = FORK.format(12).replace("10 ", "11 ", 1)
        log = ROOT + thread + fork + "12 +++ exited with 0 +++\n" + WAIT.format(12) + "11 +++ exited with 0 +++\n" + END
        self.assertEqual(totals(log), {"spawns": 1, "forked": 1})
        self.assertEqual(spawn(log)["parent"], "[root]")

    def test_an_exec_by_another_thread(self):
        log = ROOT + FORK.format(11)
        log += "11 clone3({flags=CLONE_VM|CLONE_THREAD} => {}, 88) = 12\n"
        for half in ('12 execve("/bin/sh", ["sh"], 0x1 <unfinished ...>\n', '12 execve("/bin/sh", ["sh"], 0x1 <pid changed to 11 ...>\n'):
            rest = "11 +++ superseded by execve in pid 12 +++\n11 <... execve resumed>) = 0\n11 +++ exited with 6 +++\n"
            self.assertEqual(totals(log + half + rest + WAIT.format(11) + END), {"spawns": 1, "execs": 1})

    def test_an_attempt_that_never_returned(self):
        log = ROOT + FORK.format(11) + '11 execve("/bin/a", ["a"], 0x1 <unfinished ...>\n11 +++ killed by SIGKILL +++\n'
        self.assertEqual(totals(log + WAIT.format(11) + END), {"spawns": 1, "failed": 1, "failed_attempts": 1})

    def test_calls_that_fail_or_begin_anew(self):
        log = ROOT + "10 fork() = -1 EAGAIN (Resource temporarily unavailable)\n"
        log += "10 clone(child_stack=NULL, flags=CLONE_THREAD) = -1 EINVAL (Invalid argument)\n"
        log += "10 fork() = ? ERESTARTNOINTR (To be restarted)\n" + FORK.format(11) + "11 +++ exited with 0 +++\n"
        self.assertEqual(totals(log + WAIT.format(11) + END), {"spawns": 1, "forked": 1, "failed_creations": 1})

    def test_methods(self):
        for call, expected in (
            ("fork()", "fork"),
            ("vfork()", "vfork"),
            ("clone(child_stack=NULL, flags=CLONE_PIDFD|CLONE_CHILD_SETTID|SIGCHLD)", "fork"),
            ("clone(child_stack=0x1, flags=CLONE_VM|SIGCHLD)", "clone"),
            ("clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND, exit_signal=SIGCHLD}, 88)", "vfork"),
            ("clone3({flags=CLONE_INTO_CGROUP, exit_signal=SIGCHLD, cgroup=3}, 88)", "clone"),
            ("clone3({flags=0, exit_signal=SIGCHLD}, 88)", "fork"),
            ("clone3({flags=CLONE_NEWPID, exit_signal=SIGCHLD}, 88)", "clone"),
        ):
            self.assertEqual(spawn(f"{ROOT}10 {call} = 11\n11 +++ exited with 0 +++\n{END}")["method"], expected, call)

    def test_paths_by_directory_and_descriptor(self):
        for call, expected in (
            ('execveat(3</bin>, "true", ["true"], 0x1, 0)', "/dev/fd/3/true"),
            ('execveat(3, "", ["true"], 0x1, AT_EMPTY_PATH)', "/dev/fd/3"),
            ('execveat(3, "/bin/true", ["true"], 0x1, 0)', "/bin/true"),
            ('execveat(AT_FDCWD</>, "bin/true", ["true"], 0x1, 0)', "bin/true"),
        ):
            self.assertEqual(spawn(f"{ROOT}{FORK.format(11)}11 {call} = 0\n11 +++ exited with 0 +++\n{END}")["path"], expected)


class Leaving(unittest.TestCase):
    CHILD = ROOT + FORK.format(11)

    def flags(self, log):
        only = spawn(log)
        return [name for name in ("unreaped", "orphaned", "unfinished") if only[name]], only["reaped"]

    def test_never_reaped(self):
        self.assertEqual(self.flags(self.CHILD + "11 +++ exited with 0 +++\n" + END), (["unreaped"], None))

    def test_still_there_when_the_root_ends(self):
        self.assertEqual(self.flags(self.CHILD + END + "11 +++ exited with 0 +++\n"), (["orphaned", "unfinished"], None))

    def test_a_wait_by_the_descriptor_that_the_creation_gave(self):
        made = "10 clone(child_stack=NULL, flags=CLONE_VM|CLONE_PIDFD|CLONE_VFORK|SIGCHLD, parent_tid=[9]) = 11\n"
        ended = "11 exit_group(0) = ?\n11 +++ exited with 0 +++\n"
        taken = "10 waitid(P_PIDFD, 9, NULL, WEXITED, NULL) = 0\n"
        self.assertEqual(totals(ROOT + made + ended + taken + END), {"spawns": 1, "forked": 1})
        self.assertEqual(totals(ROOT + made + ended + END), {"spawns": 1, "forked": 1, "unreaped": 1})
        with self.assertRaises(Undecided):
            totals(ROOT + made + ended + taken.replace(" 9,", " 8,") + END)
        made = "10 clone3({flags=CLONE_PIDFD, pidfd=0x7ffd, exit_signal=SIGCHLD} => {pidfd=[9]}, 88) = 11\n"
        self.assertEqual(totals(ROOT + made + ended + taken + END), {"spawns": 1, "forked": 1})

    def test_what_a_wait_answers_before_the_end_reaps_nothing(self):
        stop = "10 wait4(11, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], WSTOPPED, NULL) = 11\n"
        look = "10 waitid(P_ALL, 0, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=11, si_status=0}, WEXITED|WNOWAIT, NULL) = 0\n"
        none = "10 waitid(P_PID, 11, {}, WNOHANG|WEXITED, NULL) = 0\n"
        log = self.CHILD + stop + none + "11 +++ exited with 0 +++\n" + look
        self.assertEqual(self.flags(log + END), (["unreaped"], None))
        take = look.replace("|WNOWAIT", "")
        self.assertEqual(self.flags(log + take + END), ([], True))

    def test_the_kernel_reaps_for_a_parent_that_ignores(self):
        for action in (IGNORED, NO_WAIT):
            log = ROOT + action + FORK.format(11) + "11 +++ exited with 0 +++\n" + END
            self.assertEqual(self.flags(log), ([], False))

    def test_ignoring_survives_an_exec_and_the_flag_does_not(self):
        for action, expected in ((IGNORED, ([], False)), (NO_WAIT, (["unreaped"], None))):
            log = ROOT + action + ROOT + FORK.format(11) + "11 +++ exited with 0 +++\n" + END
            self.assertEqual(self.flags(log), expected)

    def test_without_sigchld_the_kernel_reaps_nothing(self):
        log = ROOT + IGNORED + "10 clone3({flags=0, exit_signal=0}, 88) = 11\n11 +++ exited with 0 +++\n"
        self.assertEqual(self.flags(log + END), (["unreaped"], None))

    def test_an_orphan_is_not_unreaped_and_a_zombie_that_is_inherited_is(self):
        middle = FORK.format(11) + FORK.format(12).replace("10 ", "11 ", 1)
        orphan = report(ROOT + middle + "11 +++ exited with 0 +++\n" + WAIT.format(11) + "12 +++ exited with 0 +++\n" + END)
        self.assertEqual([(s["orphaned"], s["unreaped"]) for s in orphan["spawns"]], [(False, False), (True, False)])
        zombie = report(ROOT + middle + "12 +++ exited with 0 +++\n11 +++ exited with 0 +++\n" + WAIT.format(11) + WAIT.format(12) + END)
        self.assertEqual([(s["orphaned"], s["unreaped"]) for s in zombie["spawns"]], [(False, False), (False, True)])

    def test_a_sibling_made_by_clone_parent_is_its_grandparents(self):
        log = ROOT + FORK.format(11) + "11 clone(child_stack=NULL, flags=CLONE_PARENT) = 12\n11 +++ exited with 0 +++\n"
        log += WAIT.format(11) + "12 +++ exited with 5 +++\n" + WAIT.format(12) + END
        self.assertEqual(
            [(s["orphaned"], s["reaped"], s["parent"]) for s in report(log)["spawns"]], [(False, True, "[root]"), (False, True, "[forked]")]
        )

    def test_what_follows_the_roots_end_is_not_in_the_session(self):
        late = '11 execve("/bin/a", ["a"], 0x1) = 0\n11 fork() = 12\n12 +++ exited with 0 +++\n11 +++ exited with 0 +++\n'
        self.assertEqual(totals(self.CHILD + END + late), {"spawns": 1, "forked": 1, "orphaned": 1, "unfinished": 1})

    def test_the_whole_log_has_the_root_and_what_outlives_it(self):
        late = '11 execve("/bin/a", ["a"], ["X=1"]) = 0\n11 +++ exited with 4 +++\n'
        spawns = report(self.CHILD + END + late, whole=True)["spawns"]
        self.assertEqual([(s["pid"], s["ppid"], s["path"]) for s in spawns], [(10, None, "/bin/root"), (11, 10, "/bin/a")])
        child = spawns[1]
        self.assertEqual((child["status"], child["orphaned"], child["unfinished"]), (4, True, False))
        self.assertEqual((child["programs"], child["argv_bytes"], child["environment_bytes"]), (["/bin/a"], 2, 4))

    def test_pids_of_a_namespace_are_told_by_those_outside(self):
        inside = (
            "10 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 11\n"
            "11 fork() = 2 /* 12 in strace's PID NS */ <0.000100>\n"
            "12 +++ exited with 3 +++\n"
            "11 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 2 <0.000100>\n"
            "11 +++ exited with 0 +++\n"
        )
        spawns = report(ROOT + inside + WAIT.format(11) + END)["spawns"]
        self.assertEqual([(s["pid"], s["status"], s["reaped"]) for s in spawns], [(11, 0, True), (12, 3, True)])

    def test_a_call_that_is_answered_with_a_signal_has_failed(self):
        signal = "11 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x1, si_syscall=__NR_execve} ---\n"
        attempt = '11 execve("/bin/a", ["a"], 0x1) = 59\n'
        for end in (signal + "11 +++ exited with 3 +++\n", "11 +++ killed by SIGSYS +++\n"):
            self.assertEqual(totals(self.CHILD + attempt + end + WAIT.format(11) + END), {"spawns": 1, "failed": 1, "failed_attempts": 1})
        made = "11 clone(child_stack=NULL, flags=SIGCHLD) = 56\n11 +++ killed by SIGSYS +++\n"
        self.assertEqual(totals(self.CHILD + made + WAIT.format(11) + END), {"spawns": 1, "forked": 1})

    def test_who_sent_a_signal(self):
        arrives = "11 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=10, si_uid=0} ---\n11 +++ killed by SIGTERM +++\n"
        self.assertEqual(spawn(self.CHILD + arrives + WAIT.format(11) + END)["senders"], {"SIGTERM": 10})
        kill = "10 kill(11, 0) = 0\n10 kill(11, SIGKILL) = 0\n10 kill(-11, SIGTERM) = 0\n11 +++ killed by SIGKILL +++\n"
        self.assertEqual(spawn(self.CHILD + kill + WAIT.format(11) + END)["senders"], {"SIGKILL": 10})
        fault = "11 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\n11 +++ killed by SIGSEGV +++\n"
        self.assertEqual(spawn(self.CHILD + fault + WAIT.format(11) + END)["senders"], {"SIGSEGV": None})

    def test_who_makes_32_bit_calls(self):
        mode = "11 [ Process PID=11 runs in 32 bit mode. ]\n"
        self.assertFalse(spawn(self.CHILD + mode + "11 +++ exited with 3 +++\n" + WAIT.format(11) + END)["compat"])
        self.assertTrue(spawn(self.CHILD + mode + "11 exit_group(3) = ?\n11 +++ exited with 3 +++\n" + WAIT.format(11) + END)["compat"])
        log = self.CHILD + mode + "11 fork() = 12\n12 exit(0) = ?\n12 +++ exited with 0 +++\n11 +++ exited with 0 +++\n"
        self.assertEqual([s["compat"] for s in report(log + WAIT.format(11) + END)["spawns"]], [True, True])

    def test_stamps_enclose_the_call(self):
        log = '10 5.000000 execve("/bin/root", ["root"], []) = 0 <0.000100>\n10 6.000000 vfork( <unfinished ...>\n'
        log += '11 6.100000 execve("/bin/a", ["a"], []) = 0 <0.250000>\n10 6.200000 <... vfork resumed>) = 11 <0.200000>\n'
        log += "11 6.500000 +++ exited with 0 +++\n10 7.000000 +++ exited with 0 +++\n"
        child = spawn(log)
        self.assertEqual((child["made"], child["executed"], child["ended"]), ((6.0, 6.2), (6.1, 6.35), (6.35, 6.5)))

    def test_a_creation_that_is_restarted_was_asked_for_once(self):
        log = '10 5.000000 execve("/bin/root", ["root"], []) = 0 <0.000100>\n'
        again = "10 {}.000000 clone(child_stack=NULL, flags=SIGCHLD) = ? ERESTARTNOINTR (To be restarted) <0.000100>\n"
        made = "10 8.000000 clone(child_stack=NULL, flags=SIGCHLD) = 11 <0.500000>\n11 9.000000 +++ exited with 0 +++\n"
        end = "10 9.500000 +++ exited with 0 +++\n"
        self.assertEqual(spawn(log + again.format(6) + again.format(7) + made + end)["made"], (6.0, 8.5))
        self.assertEqual(spawn(log + made + end)["made"], (8.0, 8.5))

    def test_what_cannot_be_decided_is_an_error(self):
        for text in (
            self.CHILD,
            self.CHILD + "99 +++ exited with 0 +++\n" + END,
            ROOT + WAIT.format(77) + END,
            self.CHILD + "11 +++ exited with 0 +++\n10 waitid(P_ALL, 0, NULL, WEXITED, NULL) = 0\n" + END,
        ):
            with self.assertRaises(Undecided):
                report(text)
