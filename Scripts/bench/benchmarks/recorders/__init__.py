"""Spawnscope beside the tools that people use today: each section measures, and page.py tells."""
