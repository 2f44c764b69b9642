"""Ratios to the bare runs beside each run, by tool and step."""

import statistics

from bench.figures import spread


def ratios(step, bares):
    """CPU time with the recorder's, the machine's, wall time and latencies as ratios to the mean of the bare runs; latencies in µs."""

    def bare(key):
        return statistics.mean(run[key] for run in bares)

    found = {
        "cpu": (step["cpu_s"] + step["recorder_s"]) / bare("cpu_s"),
        "machine": step["machine_s"] / max(0.01, bare("machine_s")),
        "wall": step["wall_s"] / bare("wall_s"),
    }
    for name in ("p50_us", "p99_us"):
        if name in step:
            found |= {name.removesuffix("_us"): step[name] / bare(name), name: step[name]}
    if "late" in step:
        found["late"] = step["late"] / step["made"]
    return found


def rows_of(turns, title="steps", column=lambda tool, name: name):
    """A row for each tool of what beside_bare yields, with the spread of each step's ratios; a step without a column is left out."""
    cells = {}
    for _, tool, result, sides in turns:
        for name, step in result["steps"].items():
            shown = column(tool, name)
            if shown is None:
                continue
            cell = cells.setdefault(tool.key, {}).setdefault(shown, {})
            for kind, value in ratios(step, [side["steps"][name] for side in sides]).items():
                cell.setdefault(kind, []).append(value)
    # Bare comes first in the order of a page's rows.
    return [
        {"tool": key, title: {name: {kind: spread(values) for kind, values in cell.items()} for name, cell in cells[key].items()}}
        for key in sorted(cells, key=lambda key: key != "bare")
    ]
