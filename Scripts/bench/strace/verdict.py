"""What a comparison with strace says: a row of a table, and what differs, in words."""

from dataclasses import dataclass, field

# What is summed up in every report.
TOTALS = ("spawns", "execs", "forked", "failed", "failed_attempts", "failed_creations", "unreaped", "orphaned", "unfinished")
HEAD = [name.replace("_", " ") for name in TOTALS]

EQUAL, LIMIT, DIFFERENT, UNDECIDED = "equal", "a limit: see docs/reference/limits.md", "different", "undecided"


@dataclass
class Verdict:
    """`cells` are a row's; a limit is a difference that the documentation tells."""

    cells: list
    verdict: str
    texts: list = field(default_factory=list)

    @property
    def is_good(self):
        return self.verdict in (EQUAL, LIMIT)

    @property
    def row(self):
        return [*self.cells, self.verdict]

    def as_known_limit(self):
        """This difference is a known one."""
        if self.verdict == DIFFERENT:
            self.verdict = LIMIT
        return self


def undecided(width, what, error):
    return Verdict(["?"] * width, UNDECIDED, [f"cannot compare {what}: {type(error).__name__}: {error}"])
