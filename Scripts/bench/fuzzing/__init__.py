"""Fuzzing: seeds, the fuzzer, and what is kept."""
