"""Plugs cells into Inspect."""
