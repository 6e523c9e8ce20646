"""Cells, the barriers around them, what leaves them, and the stop with its receipt."""
