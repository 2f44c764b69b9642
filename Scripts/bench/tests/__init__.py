"""Tests of what benchmarks and checks make of what they measure: logs, figures, pages, options."""
