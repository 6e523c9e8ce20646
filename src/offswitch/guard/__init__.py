"""Cells: contained process trees, for an agent or for a scenario's world.

This room keeps to the standard library on the launching side: `launcher`, `keeper` and what they
import run in a small process of their own, forked once for every cell.
"""
