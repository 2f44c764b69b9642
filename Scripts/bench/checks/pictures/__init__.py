"""Flame graphs in a real browser."""
