"""A budget is a gate to be believed, on a real program's own test suite, that of the build tool ninja (Debian's source package): the budget
that `--init` makes is kept three times in a row; then the program gets one call of git more, and the budget has to fail and to name the
function that made the call.
"""

import os
import re

from bench import installing, processes
from bench.failure import SOFTWARE, UNAVAILABLE, Failure
from bench.page import Table, compose, indented, lines_between, write_page
from bench.processes import say
from bench.workbench import workbench

# The tests that kill a shell while it starts its next program make one program more or fewer from run to run.
TESTS = ["./ninja_test", "--gtest_filter=-SubprocessTest.Interrupt*"]
# What somebody might well add to a function: the revision, asked of git, once. In the function itself, since a new one would be inlined
# into it, and has no frame of its own then.
ADDED = """
  static bool known = false;
  if (!known) {
    known = true;
    if (FILE* git = popen("git --version", "r")) pclose(git);
  }"""
NAMED = (
    r"1 from .*> ParseVersion \[ninja_test\], starting /bin/sh  <- .*new call site",
    r"1 from .*\[sh\], starting [^ ]*/git  <- .*new program",
)


def add_options(parser):
    parser.number("--runs", 3, "runs that have to stay within the budget")
    parser.output("Results/budget.md")


def run(options):
    with workbench("record", "budget", workloads=False) as bench:
        gate = Gate(bench)
        gate.build()
        gate.record()
        gate.budget_of("--init")
        for number in range(1, options.runs + 1):
            gate.check(f"unchanged, run {number}", 0)
        gate.add_git()
        gate.build()
        over = gate.check("one git more", 1)
        for pattern in NAMED:
            if not re.search(pattern, over):
                gate.wrong += 1
                say(f"not named: {pattern}")
        # The change is meant: the numbers are set, and the gate is green again.
        changes = gate.budget_of("--update")
        gate.check("one git more, after --update", 0)
        write_page(options.output, page(gate, over, changes, options))
    if gate.wrong:
        raise Failure(f"{gate.wrong} checks failed")


class Gate:
    def __init__(self, bench):
        self.bench = bench
        self.budget, self.session = bench.scratch / "spawn-budget.yml", bench.scratch / "session"
        if not installing.tries("fetch_source", "ninja-build", SCRATCH=bench.scratch):
            raise Failure("the source package of ninja-build could not be had", UNAVAILABLE)
        (archive,) = bench.scratch.glob("source/ninja-build_*.orig.tar.gz")
        processes.output_of(["tar", "-C", bench.scratch, "-xf", archive])
        (self.source,) = bench.scratch.glob("ninja-[0-9]*")
        # Where the tests leave what they make.
        self.environment = {**os.environ, "TMPDIR": str(bench.scratch / "tmp")}
        os.mkdir(self.environment["TMPDIR"])
        self.table = Table("run", "exit", "expected", "verdict", "", numbers=(1, 2))
        self.wrong = 0

    def build(self):
        say(f"building {self.source.name}")
        steps = [["./ninja", "-j2", "ninja_test"]]
        if not (self.source / "ninja").exists():
            steps.insert(0, ["python3", "configure.py", "--bootstrap"])
        for words in steps:
            done = processes.run(words, cwd=self.source)
            if done.returncode:
                say(done.stdout + done.stderr)
                raise Failure("ninja could not be built", SOFTWARE)

    def record(self, *options):
        words = [self.bench.spawnscope, "record", "-o", self.session, *options, "--", *TESTS]
        return processes.run(words, cwd=self.source, env=self.environment)

    def budget_of(self, how):
        return self.bench.ask("budget", self.session, "--file", self.budget, how)

    def check(self, name, expected):
        """One recording held against the budget, which has to end so; what the budget says."""
        path = self.bench.scratch / "verdict"
        path.unlink(missing_ok=True)
        done = self.record("--budget", self.budget, "--budget-output", path)
        verdict = path.read_text() if path.exists() else "no verdict\n"
        is_right = done.returncode == expected
        if not is_right:
            self.wrong += 1
            say(done.stderr + verdict)
        # Its last line is the verdict, with the file's name behind it.
        told = re.sub(r" \([^(]*\)$", "", verdict.splitlines()[-1])
        self.table.add(name, done.returncode, expected, told, "ok" if is_right else "wrong")
        return verdict

    def add_git(self):
        path = self.source / "src/version.cc"
        text = path.read_text()
        changed = re.sub(r"^void ParseVersion.*$", lambda match: match[0] + ADDED, text, flags=re.MULTILINE)
        path.write_text("#include <stdio.h>\n" + changed)


def page(gate, over, changes, options):
    budgets = len(re.findall(r"^  - name:", gate.budget.read_text(), re.MULTILINE))
    introduction = f"""
`{gate.source.name}`'s own tests (`{" ".join(TESTS)}`), recorded and held against the budget that
`spawnscope budget --init` wrote from one run before: {budgets} budgets. Left out are its tests of interruption: those kill a
shell while it starts the next program, so that their numbers differ by one or two from run to run, which a budget takes for
what it is. Then one function of ninja's, `ParseVersion`, got a call of `popen("git --version", "r")`, made once. (A shell has no
functions of its own in its stack, so that git itself is told by its name, and the function by the shell that it starts.)
"""
    return compose(
        "A budget on a real test suite",
        introduction,
        options,
        gate.table,
        "What it says of the call of git:",
        indented(lines_between(over.splitlines(), "OVER", "elsewhere")),
        "What `--update` changed:",
        indented(line for line in changes.splitlines() if re.match("[-+] ", line)),
    )
