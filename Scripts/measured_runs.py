"""Reads what Tests/Workloads/measure appends to a file: runs of a program, one JSON object a line."""

import json
import statistics


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seconds(runs):
    """The median of the runs' wall times, in seconds."""
    return statistics.median(run["wall_s"] for run in runs)


def seconds_and_range(runs):
    times = [run["wall_s"] for run in runs]
    return f"{seconds(runs):.2f} ({min(times):.2f}–{max(times):.2f})"


def peak_mebibytes(runs):
    """The largest resident set of any run."""
    return max(run["peak_rss_kib"] for run in runs) / 1024


def spread(values):
    """Median and quartiles, or nothing of nothing."""
    values = list(values)
    if not values:
        return None
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"median": middle, "p25": low, "p75": high, "n": len(values)}


def spread_text(spread, digits=2):
    """As tables have it: 1.02 (1.00–1.05), and - where nothing was measured."""
    if spread is None:
        return "–"
    return f"{spread['median']:.{digits}f} ({spread['p25']:.{digits}f}–{spread['p75']:.{digits}f})"
