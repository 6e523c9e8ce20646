"""Plugs into agent runtimes."""
