"""Simulated agents with planted, known behaviour."""
