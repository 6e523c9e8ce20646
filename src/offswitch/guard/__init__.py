"""Cells: contained process trees."""
