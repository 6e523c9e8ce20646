"""Findings out of runs; one behaviour a file."""
