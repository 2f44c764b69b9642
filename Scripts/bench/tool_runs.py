"""Runs commands under a recorder, and tells what that cost.

Each command is started by Tests/Workloads/measure inside the recording, so that what the recorder does before and after is not
taken for a part of it. CPU time comes from four places:

- the workload's own and its children's, by wait4(2);
- the recorder's while the workload ran, by the scheduler's account of its threads, in nanoseconds;
- the recorder's from its start to its end, by wait4(2): also what it does before, and afterwards with what it recorded;
- the machine's, that is of all CPUs the time that is not idle, in which the kernel's work for the recorder is too, and that of
  everybody else.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import time

from bench.processes import say, wait_until_gone
from bench.tools import Reading
from bench.workbench import Workbench

SESSION_SECONDS = 60


class Failed(Exception):
    """A tool did not record; its text is one line."""


class TooSlow(Failed):
    """It did not end in time, and would not the next time."""


class ToolBench(Workbench):
    """A workbench with tools, which are measured in so many rounds. The first tool is bare."""

    def __init__(self, bench, tools, rounds):
        super().__init__(bench.scratch, bench.spawnscope, bench.workloads)
        self.tools, self.rounds = tools, rounds
        # What went wrong with a tool in this section, for its rows: {tool's key: [line, …]}
        self.remarks = {}

    def say(self, text):
        say(f"benchmark: {text}")

    def remark(self, tool, text):
        lines = self.remarks.setdefault(tool.key, [])
        if text not in lines:
            lines.append(text)

    def usable(self, keys=None):
        """The tools that this machine has, in the order of their rows."""
        chosen = [tool for tool in self.tools if (tool.key in keys if keys else "by name only" not in tool.tags) and tool.key != "bare"]
        for tool in chosen:
            if tool.missing():
                self.remark(tool, tool.missing())
        return [tool for tool in chosen if not tool.missing()]

    @property
    def bare(self):
        return self.tools[0]


def end_group(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def wait_for_text(path, text, process, seconds=20):
    end = time.monotonic() + seconds
    while text not in path.read_text(errors="replace"):
        if process.poll() is not None:
            raise Failed(f"ended with {process.returncode} before it was ready")
        if time.monotonic() > end:
            raise Failed(f"was not ready after {seconds} s")
        time.sleep(0.02)


def wait_for_end(process, seconds):
    """Its exit status and its CPU time with that of the children that it waited for."""
    end = time.monotonic() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime + usage.ru_stime
        if time.monotonic() > end:
            end_group(process, signal.SIGKILL)
            os.wait4(process.pid, 0)
            process.returncode = -9
            raise TooSlow(f"took more than {seconds:.0f} s")
        time.sleep(0.005)


def write_script(bench, steps):
    """One shell script that measures each step: (name, words, words before it that are not measured)."""
    lines = ["set -e"]
    for name, words, before in steps:
        if before:
            lines.append(shlex.join(before) + " >/dev/null 2>&1")
        measured = [bench.program("measure"), str(bench.scratch / f"step-{name}.json"), *words]
        lines.append(f"{shlex.join(measured)} >{shlex.quote(str(bench.scratch / f'step-{name}.out'))} 2>&1")
    script = bench.scratch / "steps.sh"
    script.write_text("\n".join(lines) + "\n")
    return ["sh", str(script)]


def clear(bench):
    for pattern in ("step-*", "session*", "total.json"):
        for path in bench.scratch.glob(pattern):
            path.unlink()


def run_session(bench, tool, steps, seconds=SESSION_SECONDS):
    """Runs the steps under the tool; raises Failed. {"steps": {name: …}, "tool_cpu_s": …, "tool_wall_s": …, "file_bytes": …}"""
    clear(bench)
    output, printed, errors = (bench.scratch / name for name in ("session.data", "session.printed", "session.errors"))
    total = bench.scratch / "total.json"
    measured = [bench.program("measure"), str(total), *write_script(bench, steps)]
    words = [word.replace("{output}", str(output)) for word in tool.words]
    environment = {**os.environ, "MEASURE_RECORDER": "parent" if words else "0"}
    started = time.monotonic()
    with printed.open("wb") as out, errors.open("wb") as error:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": error, "start_new_session": True}
        if tool.is_beside:
            recorder = subprocess.Popen(words, **streams)
            try:
                wait_for_text(printed, tool.ready, recorder)
                environment["MEASURE_RECORDER"] = str(recorder.pid)
                inner = subprocess.Popen(measured, env=environment, **{**streams, "stdout": subprocess.DEVNULL})
                status, _ = wait_for_end(inner, seconds)
            finally:
                end_group(recorder, signal.SIGINT)
            _, cpu = wait_for_end(recorder, 60)
        else:
            process = subprocess.Popen([*words, *measured], env=environment, **streams)
            status, cpu = wait_for_end(process, seconds)
    wall = time.monotonic() - started
    if "spawnscope" in tool.tags:
        wait_until_gone(bench.spawnscope)
    if status != 0 or not total.exists():
        said = [line for line in errors.read_text(errors="replace").splitlines() if line.strip()]
        raise Failed(f"ended with {status}" + (f": {said[-1][:160]}" if said else ""))
    whole = json.loads(total.read_text())
    inner_cpu = 0 if tool.is_beside else whole["user_s"] + whole["system_s"]
    return {
        "steps": {name: read_step(bench, name) for name, _, _ in steps},
        "tool_cpu_s": max(0.0, cpu - inner_cpu) if words else 0.0,
        "tool_wall_s": max(0.0, wall - whole["wall_s"]),
        "recorder_cpu_s": whole.get("recorder_s", 0.0),
        "file_bytes": output.stat().st_size if output.exists() else 0,
        "reading": Reading(str(output), str(printed), str(errors), bench.spawnscope),
    }


def read_step(bench, name):
    step = json.loads((bench.scratch / f"step-{name}.json").read_text())
    printed = (bench.scratch / f"step-{name}.out").read_text(errors="replace").splitlines()
    told = next((json.loads(line) for line in printed if line.startswith('{"spawns"')), {})
    made = [line.split()[1] for line in printed if line.startswith("spawned ")]
    setup = told.get("setup_s", 0.0)
    return {
        "wall_s": step["wall_s"],
        "cpu_s": step["user_s"] + step["system_s"] - setup,
        "recorder_s": step.get("recorder_s", 0.0),
        "machine_s": step["machine_s"] - setup,
        "made": int(made[-1]) if made else None,
        **{key: told[key] for key in ("p50_us", "p99_us", "late") if key in told},
    }


def try_session(bench, tool, steps, seconds=SESSION_SECONDS):
    """As run_session, once more where the tool fails, as perf does now and then; nothing if it fails again."""
    for attempt in (1, 2):
        try:
            started = time.monotonic()
            result = run_session(bench, tool, steps, seconds)
            bench.say(f"  {tool.key}: {time.monotonic() - started:.1f} s")
            return result
        except Failed as failure:
            last = attempt == 2 or isinstance(failure, TooSlow)
            bench.remark(tool, f"{failure}" + ("" if last else " (tried again)"))
            bench.say(f"{tool.title}: {failure}")
            if last:
                break
    return None
