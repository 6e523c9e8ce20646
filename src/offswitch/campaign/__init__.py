"""Plan, run, resume, collect."""
