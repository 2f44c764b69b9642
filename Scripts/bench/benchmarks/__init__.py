"""The benchmarks: each module has `add_options` and `run`."""
