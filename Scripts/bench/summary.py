"""What `spawnscope record` and `info` print, and the workloads of Tests/Workloads, in numbers."""

import re


class Summary:
    """`5 spawns in 0.006 s: …`, and `0 lost of 71 events` or `LOST 41 of 22023 events`; None where a number is not there."""

    def __init__(self, text):
        self.text = text

    @property
    def spawns(self):
        return self.number(r"(\d+) spawns")

    @property
    def lost(self):
        return self.number(r"(?:LOST )?(\d+)(?: lost)? of \d+ events")

    @property
    def events(self):
        return self.number(r"(?:LOST )?\d+(?: lost)? of (\d+) events")

    def lost_of(self, event):
        """Of `task:task_newtask: 2 of 2002` the 2; 0 of an event that lost nothing."""
        return self.number(rf"  {re.escape(event)}: (\d+)") or 0

    def number(self, pattern):
        match = re.search(rf"^spawnscope: {pattern}", self.text, re.MULTILINE)
        return int(match[1]) if match else None


def program_count(text):
    """The last `spawned N` that a workload printed; shells and make print none."""
    found = re.findall(r"^spawned (\d+)$", text, re.MULTILINE)
    return int(found[-1]) if found else None


def samples(text):
    """Of `info` each event's name and number of samples, in their order: a name may be there twice."""
    return [(name, int(count)) for name, count in re.findall(r"^  (\S+): (\d+),", text, re.MULTILINE)]


def samples_of(text, event):
    """Of the first event of this name; None where there is none."""
    return next((count for name, count in samples(text) if name == event), None)
