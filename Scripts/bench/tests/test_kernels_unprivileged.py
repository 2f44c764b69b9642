"""What a user without rights is expected to record on an emulated machine."""

import pathlib
import tempfile
import unittest

from bench.checks.kernels import judge
from bench.checks.kernels.unprivileged import SETTINGS, Setting, check_setting, checks, is_as


class Settings(unittest.TestCase):
    def test_yama_takes_ptrace_and_paranoid_takes_events(self):
        allowed = {(setting.paranoid, setting.scope): setting.allowed for setting in SETTINGS}
        self.assertEqual(allowed, {(3, 1): ["traced"], (4, 0): ["traced"], (2, 2): ["inherited"], (4, 2): []})
        self.assertEqual(Setting(2, 1).allowed, ["traced", "inherited"])

    def test_a_reason_may_stand_anywhere_behind_the_status(self):
        self.assertTrue(is_as("status 125: because of kernel.yama.ptrace_scope, it says", "status 125: …kernel.yama.ptrace_scope…"))
        self.assertFalse(is_as("status 125: no reason is given", "status 125: …kernel.yama.ptrace_scope…"))
        self.assertFalse(is_as("status 0, 10 spawns", "status 0, 11 spawns"))


class Refusals(unittest.TestCase):
    """At a setting that allows nothing."""

    def judge(self, doctor, reason):
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            (directory / "at-4-2-doctor.out").write_text(doctor)
            (directory / "at-4-2-doctor.status").write_text("69")
            for kind in ("at-4-2", "at-4-2-traced", "at-4-2-inherited"):
                (directory / f"{kind}.status").write_text("125")
                (directory / f"{kind}.err").write_text(f"spawnscope: {reason}\n")
            page = judge.Page()
            check_setting(judge.Machine("true", directory), page, SETTINGS[-1])
            return len(page.wrong), page.rows[0][1]

    def test_a_refusal_has_to_have_a_reason(self):
        reason = "kernel.yama.ptrace_scope is 2 and kernel.perf_event_paranoid is 4"
        self.assertEqual(self.judge("limited traced recorder: no\n", reason), (0, f"status 125: {reason}"))
        self.assertEqual(self.judge("limited traced recorder: no\n", "no")[0], 3)

    def test_doctor_has_to_know_it(self):
        reason = "kernel.yama.ptrace_scope is 2 and kernel.perf_event_paranoid is 4"
        self.assertEqual(self.judge("ok       traced recorder: fine\n", reason)[0], 1)


class Checks(unittest.TestCase):
    def test_every_program_at_every_setting_that_allows_something(self):
        with tempfile.TemporaryDirectory() as name:
            for program in ("waits", "dash"):
                (pathlib.Path(name) / f"user-{program}.strace").touch()
            found = checks(judge.Machine("true", pathlib.Path(name)))
        self.assertEqual([tuple(words) for _, *words in found[:2]], [("at-3-1", "dash"), ("at-3-1", "waits")])
        self.assertEqual(len(found), 3 * 2 + 1)


if __name__ == "__main__":
    unittest.main()
