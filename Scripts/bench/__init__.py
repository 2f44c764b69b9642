"""Benchmarks and checks of Spawnscope: `python3 -m bench list` names them."""
