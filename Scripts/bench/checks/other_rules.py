"""What other rules say of the runs that `compare` judges: a bare threshold, hyperfine's summary, benchstat's test."""

import math
import statistics


def rank_sum_p(base, head):
    """The two-sided p-value of Mann and Whitney's U by all arrangements, as benchstat tests; ties count a half."""

    def statistic(first, second):
        return sum((a < b) + (a == b) / 2 for a in first for b in second)

    # Without ties the number of arrangements by U follows from a recurrence.
    ways = {}

    def count(m, n, u):
        if u < 0 or u > m * n:
            return 0
        if m == 0 or n == 0:
            return 1 if u == 0 else 0
        key = (m, n, u)
        if key not in ways:
            ways[key] = count(m - 1, n, u - n) + count(m, n - 1, u)
        return ways[key]

    m, n = len(base), len(head)
    u = statistic(base, head)
    low = math.floor(min(u, m * n - u))
    return min(1, 2 * sum(count(m, n, value) for value in range(low + 1)) / math.comb(m + n, m))


def rules(base, head):
    """What others would say: whether the head is slower."""
    means = statistics.fmean(base), statistics.fmean(head)
    ratio = means[1] / means[0]
    spread = ratio * math.hypot(statistics.stdev(base) / means[0], statistics.stdev(head) / means[1])
    median = statistics.median(head) / statistics.median(base)
    return {
        "threshold": ratio > 1.05,
        # "A ran 1.10 ± 0.03 times faster than B"
        "hyperfine": ratio - spread > 1,
        "benchstat": rank_sum_p(base, head) < 0.05 and median > 1,
    }
