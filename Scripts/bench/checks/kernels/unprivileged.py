"""Judges what a user without rights recorded on an emulated machine, at settings of kernel.perf_event_paranoid and kernel.yama.ptrace_scope: what
unprivileged_guest.sh left behind, and logs of strace beside it. Yama at 2 and above leaves ptrace to CAP_SYS_PTRACE, Debian's patch at
paranoid 3 and above perf events to root.
"""

from dataclasses import dataclass

from bench.checks.unprivileged import facts
from bench.checks.unprivileged.budgets import Held, OfRoot
from bench.failure import UNAVAILABLE
from bench.strace import lifecycle
from bench.strace.two_runs import TOLD_LIMIT

REFUSED = 125
LOOP = 10
# Nobody may trace without the capability from this ptrace_scope on; nobody may open events from this perf_event_paranoid on.
CAPABILITY_SCOPE, CLOSED = 2, 3
WHY = {"traced": "kernel.yama.ptrace_scope", "inherited": "kernel.perf_event_paranoid is"}


@dataclass
class Setting:
    paranoid: int
    scope: int

    @property
    def kind(self):
        return f"at-{self.paranoid}-{self.scope}"

    @property
    def text(self):
        return f"nobody, paranoid {self.paranoid}, Yama {self.scope}"

    @property
    def allowed(self):
        """The recorders that work there, the one that record takes first."""
        found = ["traced"] if self.scope < CAPABILITY_SCOPE else []
        return found + (["inherited"] if self.paranoid < CLOSED else [])


SETTINGS = (Setting(3, 1), Setting(4, 0), Setting(2, 2), Setting(4, 2))


def check_settings(machine, page):
    for setting in SETTINGS:
        check_setting(machine, page, setting)
    said = loop_of(machine, "at-4-2-namespace")
    page.check("nobody, root of a user namespace, paranoid 4, Yama 2: `record`", said, said == loop_told("traced"), loop_told("traced"))


def loop_told(recorder):
    return f"status 0, {LOOP} spawns, 0 lost, by {recorder}"


def loop_of(machine, name):
    """What became of the recording of a loop: what it has, or why there is none."""
    status = machine.status(name)
    if not (machine.directory / f"{name}.data").exists():
        lines = machine.text(f"{name}.err").strip().splitlines()
        return f"status {status}: {lines[-1].removeprefix('spawnscope: ') if lines else 'no reason is given'}"
    report = machine.report(name)
    totals, session = report["totals"], report["session"]
    return f"status {status}, {totals.get('spawns')} spawns, {session.get('lost')} lost, by {session.get('recorder')}"


def check_setting(machine, page, setting):
    allowed = setting.allowed
    seen = loop_of(machine, setting.kind)
    wanted = loop_told(allowed[0]) if allowed else f"status {REFUSED}: …{WHY['traced']}…"
    page.check(f"{setting.text}: `record`", seen, is_as(seen, wanted), wanted)
    doctor, status = machine.text(f"{setting.kind}-doctor.out"), machine.status(f"{setting.kind}-doctor")
    wanted = 0 if allowed else UNAVAILABLE
    page.check(f"{setting.text}: `doctor`", f"status {status}", status == wanted, f"status {wanted}")
    for recorder in ("traced", "inherited"):
        seen = loop_of(machine, f"{setting.kind}-{recorder}")
        wanted = loop_told(recorder) if recorder in allowed else f"status {REFUSED}: …{WHY[recorder]}…"
        says_so = any(line.startswith("ok ") and f" {recorder} recorder: " in line for line in doctor.splitlines())
        is_right = is_as(seen, wanted) and says_so == (recorder in allowed)
        page.check(f"{setting.text}: `--recorder {recorder}`, and doctor", seen, is_right, wanted)


def is_as(seen, wanted):
    """Where a part is left open, the others stand in their order."""
    first, *others = wanted.split("…")
    if not others:
        return seen == wanted
    return seen.startswith(first) and all(other in seen for other in others)


def check_lives(machine, page, kind, name):
    """Every mode of a program: its facts are strace's, its budgets have the verdicts of root's recording."""
    recorder = next((setting.allowed[0] for setting in SETTINGS if setting.kind == kind), None)
    session = machine.directory / f"{kind}-{name}.data"
    report = machine.report(f"{kind}-{name}")
    expected = lifecycle.read(str(machine.directory / f"user-{name}.strace"))
    found = list(facts.differences(report, expected, recorder, None))
    wrong = [text for text in found if not text.startswith(TOLD_LIMIT)]
    root = machine.directory / f"root-{name}.data"
    # A known limit is one in budgets, too; and where a program raced with itself, root's are of another run.
    is_same = facts.does_same(expected["totals"], machine.report(f"root-{name}")["totals"])
    is_limited = found and not wrong
    held = Held() if is_limited or not is_same else OfRoot(machine.program, root, machine.directory).compare(session, recorder)
    totals = ", ".join(f"{count} {word}" for word, count in report["totals"].items() if word in ("spawns", "execs"))
    absent = ", ".join(text.replace("_", " ") for text in facts.absent(report))
    untold = f", {held.untold} of {held.same + held.untold} limits cannot be told" if held.untold else ""
    verdict = "different" if wrong else f"equal but for {'; '.join(found)}" if found else "equal"
    budgets = (
        f"; {held.agree} of {held.files} budgets as root's{untold}" if held.files else "" if is_same else "; for root it went otherwise"
    )
    seen = f"{totals}, not known {absent or 'nothing'}: {verdict}{budgets}"
    place = kind.replace("at-", "paranoid ").replace("-", ", Yama ")
    page.check(f"{name}: every mode, nobody, {place}, by {recorder}", seen, not wrong + held.wrong, "; ".join((wrong + held.wrong)[:3]))


def checks(machine):
    """What there is to judge, each a function with its further arguments."""
    names = sorted(path.stem.removeprefix("user-") for path in machine.directory.glob("user-*.strace"))
    lives = [(check_lives, setting.kind, name) for setting in SETTINGS if setting.allowed for name in names]
    return [*lives, (check_settings,)]
