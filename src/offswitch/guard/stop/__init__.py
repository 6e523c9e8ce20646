"""The stop: freeze, cut, kill, see that nothing is left, and say so. On the standard library alone."""
