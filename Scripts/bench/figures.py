"""Figures out of rounds, and how tables write them."""

import random
import statistics


def spread(values):
    """Median and quartiles; nothing of nothing."""
    values = list(values)
    if not values:
        return None
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"median": middle, "p25": low, "p75": high, "n": len(values)}


def spread_text(spread, digits=2):
    """1.02 (1.00–1.05), and – where nothing was measured."""
    if spread is None:
        return "–"
    return f"{spread['median']:.{digits}f} ({spread['p25']:.{digits}f}–{spread['p75']:.{digits}f})"


def range_text(values, unit="", digits=2):
    """`median unit (least–most)`."""
    return f"{statistics.median(values):.{digits}f}{unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def interval(values, part=0.05, draws=2000):
    """The median, and the bootstrap's interval of it that leaves out this part at either end."""
    medians = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(draws))
    return statistics.median(values), medians[round(part * draws)], medians[draws - 1 - round(part * draws)]


def pooled(pairs, part, draws=400):
    """The ratio of a quantile of all numbers of the left to that of the right, where `pairs` has a list of each for every round; with the
    bootstrap's 95% interval over the rounds."""

    def ratio(chosen):
        return quantile([n for left, _ in chosen for n in left], part) / quantile([n for _, right in chosen for n in right], part)

    drawn = sorted(ratio(random.choices(pairs, k=len(pairs))) for _ in range(draws))
    return ratio(pairs), drawn[round(0.025 * draws)], drawn[draws - 1 - round(0.025 * draws)]


def quantile(values, part):
    """The value that this part of all is below."""
    values = sorted(values)
    return values[min(int(len(values) * part), len(values) - 1)]


def interval_text(found, digits):
    middle, low, high = found
    return f"{middle:.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


def share_text(part, whole):
    """300 of 300, 100.0%, never rounded up; – of nothing at all."""
    return f"{part} of {whole}, {1000 * part // whole / 10:.1f}%" if whole else "-"
