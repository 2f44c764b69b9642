"""Every row of the article runs, in its quick form: those that counts decide are held to their verdicts, and a wrong claim, an unknown row and a
machine without Go are told.
"""

import os

from bench.failure import Failure
from bench.machine import ROOT
from bench.processes import run as run_program
from bench.processes import say
from bench.workbench import need_root

EXPECTED = (
    "1c=refuted 1e=refuted 5=refuted 6b=confirmed 6c=refuted 6d=confirmed 7=refuted 8b=partly 9=partly 10=refuted 11=refuted "
    "11b=partly 12=partly 12b=partly 13=partly 14=confirmed"
)
ARTICLE = ROOT / "Scripts/article.sh"
WITHOUT_GO = {"SPAWNSCOPE_WITHOUT_GO": "1", "GO": ""}
REFUSALS = (
    (1, "expected confirmed, the data say refuted", ["--quick", "--expect", "10=confirmed", "10"], {}),
    (64, "unknown: 77", ["77"], {}),
    (64, "unrecognized arguments", ["--frobnicate"], {}),
    (1, "row10_failure_go was not built: there is no Go", ["--quick", "10"], WITHOUT_GO),
    (1, "row06_concurrent_go1.19 was not built: there is no Go 1.19", ["--quick", "6b"], WITHOUT_GO),
)


def add_options(parser):
    """None."""


def run(options):
    need_root()
    expected = [word for entry in EXPECTED.split() for word in ("--expect", entry)]
    done = run_program([ARTICLE, "--quick", *expected], stdout=None, stderr=None)
    if done.returncode:
        raise Failure(status=done.returncode)
    for status, text, words, variables in REFUSALS:
        done = run_program([ARTICLE, *words], env={**os.environ, **variables})
        if done.returncode != status or text not in done.stdout + done.stderr:
            say(done.stdout + done.stderr)
            raise Failure(f"ended with {done.returncode}, not with {status}, or did not say '{text}': article.sh {' '.join(words)}")
    say("article: every row runs, and what is wrong is told")
