"""Plans a campaign, runs it through Inspect in worker processes, resumes it, and collects its results."""
