"""The rows, in the article's order: each records a workload of bench/article/workloads unmodified, from outside, and answers by its rule,
once a round. Importing a module registers its rows."""

# isort: off
from bench.article.rows import cost, spawner, calls, load, system_calls, collect, ends, designs  # noqa: F401

# isort: on
from bench.article.row import ROWS

__all__ = ["ROWS"]
