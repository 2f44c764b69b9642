"""Judges what an emulated machine recorded: a directory with what kernel_guest.sh left behind, and a log of strace beside each session of a
lifecycle workload. What a kernel cannot tell must be absent from the report.
"""

import json
import re
from pathlib import Path

from bench.checks.kernels import unprivileged
from bench.failure import Failure
from bench.folds import total
from bench.page import table
from bench.processes import output_of, say
from bench.strace import lifecycle
from bench.strace.log import Undecided
from bench.strace.two_runs import TOLD_LIMIT, differences
from bench.summary import samples

# What every kernel from 5.10 on tells; others may be absent.
COUNTS = ("spawns", "execs", "forked", "failed", "failed_attempts", "failed_creations")
ROOT_ALONE = "run it by sudo"
BY_PTRACE = "works here by ptrace"
REFUSED = 125
# The helpers of the joined recorder's programs are there.
JOINED_FROM = [5, 15]


class Machine:
    """What was recorded on one kernel."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory

    def text(self, name):
        path = self.directory / name
        return path.read_text(errors="replace") if path.exists() else ""

    def status(self, name):
        return int(self.text(f"{name}.status") or -1)

    def ask(self, *words):
        """What a reading subcommand says of a session, which comes last."""
        *words, name = words
        return output_of([self.program, *words, self.directory / f"{name}.data"])

    def report(self, name):
        return json.loads(self.ask("report", "--format", "json", "--spawns", name))

    def folded(self, name, *words):
        """The sum of a folding's weights."""
        return total(self.ask("fold", *words, name))


class Page:
    def __init__(self):
        self.rows, self.wrong = [], []

    def check(self, what, seen, is_right, wanted=""):
        self.rows.append([what, seen, "as it must be" if is_right else f"WRONG: {wanted}"])
        if not is_right:
            self.wrong.append(what)


def check_lifecycle(machine, page, name, kind="lives"):
    report = machine.report(f"{kind}-{name}")
    recorder = report["session"].get("recorder")
    expected = lifecycle.read(str(machine.directory / f"lives-{name}.strace"))
    untold, wrong = [], []
    for text in differences(report, expected, None):
        if text.startswith(TOLD_LIMIT):
            untold.append(text)
        elif re.match(r"(unreaped|orphaned|unfinished): the report has None", text):
            untold.append(text.split(":")[0])
        else:
            wrong.append(text)
    for text in wrong[:20]:
        say(f"    {name}: {text}")
    totals = ", ".join(f"{report['totals'].get(key, '–')} {key.replace('_', ' ')}" for key in COUNTS)
    seen = "equal" if not untold else "equal but for " + "; ".join(untold)
    page.check(f"{name}: every mode, by {recorder}", f"{totals}: {seen if not wrong else 'different'}", not wrong, "; ".join(wrong[:3]))


def check_options(machine, page):
    """The loop makes ten spawns of /bin/true."""

    def sessions(name, **wanted):
        report = machine.report(name)
        totals, status = report["totals"], machine.status(name)
        seen = f"status {status}, {totals.get('spawns')} spawns, {totals.get('execs')} execs, {report['session'].get('lost')} lost"
        is_right = status == wanted.get("status", 0) and report["session"].get("lost") == 0
        if wanted.get("exactly", True):
            is_right = is_right and totals.get("spawns") == wanted.get("spawns", 10)
            is_right = is_right and totals.get("execs") == wanted.get("execs", 10)
        else:
            is_right = is_right and totals.get("spawns", 0) > 0
        page.check(f"`{wanted['option']}`", seen, is_right, f"{wanted}")
        return report

    plain = sessions("plain", option="record -- CMD")
    check_recorder(machine, page, plain["session"].get("recorder"))
    complete = plain["session"]["complete_spawns"]
    page.check("all phases known", f"{complete} of 10 spawns", complete == 10, "10")
    page.check("call sites", f"{plain['session']['truncated_stacks']} truncated", plain["session"]["truncated_stacks"] == 0, "0")
    there = json.loads(machine.text("report.out") or "{}").get("totals", {})
    page.check("`report` on that kernel", f"{there.get('spawns')} spawns", there.get("spawns") == 10, "10")
    linked = sessions("sample", option="--sample 999 --stack-size 32K --link")["phases"].get("link", {}).get("count", 0)
    page.check("its `link` phases", linked, linked == 10, "10")
    samples = machine.folded("sample", "--weight", "samples")
    page.check("its samples", samples, samples > 0, "some")
    sessions("probe", option="--no-pack --probe LIBC:posix_spawn")
    calls = events_of(machine, "probe", "posix_spawn")
    # A session that is not packed has those of other processes, too.
    page.check("its calls", calls, (calls or 0) >= 10, "10 and more")
    sessions("event", option="-g -e syscalls:sys_enter_openat --filter 'flags & 0x80000'")
    opened = events_of(machine, "event", "syscalls:sys_enter_openat")
    # The loader's own: its cache and libc in each of the eleven.
    page.check("its events", opened, (opened or 0) >= 22, "two a process and more")
    phases = sessions("no-syscalls", option="--no-syscalls")["phases"]
    page.check("its phases", ", ".join(phases) or "none", not set(phases) - {"wake"}, "none of those that system calls tell")
    sessions("wait-for-all", option="--wait-for-all --keep-all", status=4, spawns=1, execs=1)
    sessions("user", option="-o - -u nobody", spawns=11, execs=12)
    user = machine.text("user.err").split("\n", 1)[0]
    page.check("its user", user, user == "65534", "65534")
    sessions("cgroup", option="--cgroup check", execs=11)
    sessions("pid", option="-p PID", exactly=False)
    sessions("all", option="-a -- CMD", exactly=False)
    sessions("yama", option="-p PID, kernel.yama.ptrace_scope 3", exactly=False)


def check_recorder(machine, page, recorder):
    """The one that costs least where the kernel has what it needs, and a line where it has not."""
    version = [int(number) for number in re.findall(r"[0-9]+", machine.text("release"))[:2]]
    lines = machine.text("plain.err").count("recorded by events, not joined: ")
    wanted = ("joined", 0) if version >= JOINED_FROM else ("events", 1)
    page.check("the recorder", f"{recorder}, {lines} lines of why", (recorder, lines) == wanted, f"{wanted}")


def events_of(machine, name, event):
    """Samples of the last event of this name: what was asked for comes after the recorder's own."""
    found = [count for title, count in samples(machine.ask("info", name)) if title.endswith(event)]
    return found[-1] if found else None


def check_rights(machine, page):
    paranoid, release = machine.text("paranoid").strip(), machine.text("release").strip()
    page.check("Yama", f"kernel.yama.ptrace_scope {machine.text('yama').strip() or 'is not there'}", bool(machine.text("yama")), "there")
    page.check("perf_event_paranoid", paranoid, paranoid == "3", "Debian's default, 3")

    def said(name, status, *words, what):
        text = machine.text(f"{name}.out") + machine.text(f"{name}.err")
        missing = [word for word in words if word not in text]
        bad = [word for word in ("seccomp", ", or root") if word in text]
        page.check(what, f"status {machine.status(name)}", machine.status(name) == status and not missing + bad, f"{missing} {bad}")

    value = f"kernel.perf_event_paranoid is {paranoid}"
    said("doctor", 0, release, value, "spawnscope record works here.", "all 23 are there", "programs may be loaded", what="`doctor`, root")
    said("doctor-user", 0, value, ROOT_ALONE, BY_PTRACE, what="`doctor`, nobody")
    said("record-user", 0, value, ROOT_ALONE, "recorded by ptrace", "10 spawns", what="`record`, nobody")
    said("record-user-phases", REFUSED, value, ROOT_ALONE, what="`record --require phases`, nobody")
    said("doctor-user-paranoid-2", 0, "kernel.perf_event_paranoid is 2", ROOT_ALONE, BY_PTRACE, what="`doctor`, nobody, paranoid 2")
    # A program with CAP_PERFMON: what this kernel makes of it, doctor and record must agree on.
    if "recorded by ptrace" not in machine.text("record-capable.err"):
        said("doctor-capable", 0, "works here.", what="`doctor`, CAP_PERFMON (the kernel lets it)")
        said("record-capable", 0, "10 spawns", what="`record`, CAP_PERFMON")
    else:
        said("doctor-capable", 0, value, ROOT_ALONE, BY_PTRACE, what="`doctor`, CAP_PERFMON (the kernel refuses it)")
        said("record-capable", 0, value, ROOT_ALONE, "10 spawns", what="`record`, CAP_PERFMON")
    said("record-capable-paranoid-2", 0, "10 spawns", what="`record`, CAP_PERFMON, paranoid 2")


def check_recorded(machine):
    lives = sorted(machine.directory.glob("lives-*.strace"))
    checks = [(check_lifecycle, path.stem.removeprefix("lives-")) for path in lives]
    checks += [(check_lifecycle, name, "events") for _, name in checks if (machine.directory / f"events-{name}.data").exists()]
    return [*checks, (check_options,), (check_rights,)]


PARTS = {"recorded": check_recorded, "unprivileged": unprivileged.checks}


def judge(program, directory, parts=tuple(PARTS)):
    """A section of Markdown, and whether all is as it must be."""
    machine, page = Machine(program, Path(directory)), Page()
    for check, *words in [check for part in parts for check in PARTS[part](machine)]:
        try:
            check(machine, page, *words)
        except (Failure, OSError, ValueError, KeyError, TypeError, Undecided) as error:
            page.check(" ".join([check.__name__, *words]), f"{type(error).__name__}: {error}".replace("\n", " "), False, "no error")
    limits = [line.removeprefix("limited").strip() for line in machine.text("doctor.out").splitlines() if line.startswith("limited")]
    told = "\n\n" + "\n".join(f"- {limit}" for limit in limits) if limits else "\nnothing."
    text = f"Linux {machine.text('release').strip()}\n\n{table(['what', 'seen', ''], page.rows)}\n\nWhat it cannot tell, by `doctor`'s words:{told}"
    return text, not page.wrong
