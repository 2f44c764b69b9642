"""The rows, in the article's order: each records a workload of Scripts/workloads unmodified, from outside, and answers by its rule, once
a round. Importing a module registers its rows."""

import seed_rows_cost  # noqa: F401
import seed_rows_calls  # noqa: F401
import seed_rows_load  # noqa: F401
import seed_rows_collect  # noqa: F401
import seed_rows_ends  # noqa: F401
import seed_rows_designs  # noqa: F401
from seed_row import ROWS

__all__ = ["ROWS"]
