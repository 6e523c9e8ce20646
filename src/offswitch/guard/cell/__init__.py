"""Cells: contained process trees, for an agent or for a scenario's world.

The launching side keeps to the standard library: `launcher`, `keeper` and what they import run in a small
process of their own, forked once for every cell.
"""
