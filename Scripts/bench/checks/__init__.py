"""The checks: each module has `add_options` and `run`, and ends with 1 where something is not as it must be."""
