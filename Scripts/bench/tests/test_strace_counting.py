"""Counts of spawns in strace's logs, on lines as strace 6.1 writes them."""

import unittest

from bench.strace.counting import count
from bench.strace.log import Undecided


class CountSpawns(unittest.TestCase):
    def assert_count(self, log, expected):
        self.assertEqual(count(log.splitlines()), expected)

    def assert_undecided(self, log):
        with self.assertRaisesRegex(Undecided, "line 1:"):
            count(log.splitlines())

    def test_each_way_of_creating_counts(self):
        self.assert_count(
            "10  clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x1000, stack_size=0x9000}, 88) = 11\n"
            "10  vfork()                          = 12\n"
            "10  fork()                           = 13\n"
            "10  clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x1) = 14\n",
            4,
        )

    def test_a_thread_is_no_spawn(self):
        self.assert_count(
            "10  clone(child_stack=0xc0, flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_SETTLS, tls=0xc1) = 11\n"
            "10  clone3({flags=CLONE_VM|CLONE_THREAD, parent_tid=0x1} => {parent_tid=[12]}, 88) = 12\n",
            0,
        )

    def test_flags_of_a_thread_may_stand_in_either_half(self):
        self.assert_count(
            "10  clone3({flags=CLONE_VM|CLONE_THREAD, parent_tid=0x1} <unfinished ...>\n"
            "11  clone( <unfinished ...>\n"
            "10  <... clone3 resumed> => {parent_tid=[12]}, 88) = 12\n"
            "11  <... clone resumed>child_stack=NULL, flags=CLONE_VM|CLONE_THREAD) = 13\n",
            0,
        )

    def test_halves_are_joined_by_thread(self):
        self.assert_count(
            "10  vfork( <unfinished ...>\n"
            "11  vfork( <unfinished ...>\n"
            "11  <... vfork resumed>)             = 13\n"
            "10  <... vfork resumed>)             = 12\n",
            2,
        )

    def test_a_failed_or_restarted_call_is_no_spawn(self):
        self.assert_count(
            "10  fork() = -1 EAGAIN (Resource temporarily unavailable)\n"
            "10  clone(child_stack=NULL, flags=SIGCHLD) = ? ERESTARTNOINTR (To be restarted)\n"
            "10  clone(child_stack=NULL, flags=SIGCHLD) = 11\n",
            1,
        )

    def test_what_cannot_be_decided_is_an_error(self):
        self.assert_undecided("10  vfork( <unfinished ...>\n")
        self.assert_undecided("10  <... vfork resumed>) = 11\n")
        self.assert_undecided("10  vfork() = ?\n")
