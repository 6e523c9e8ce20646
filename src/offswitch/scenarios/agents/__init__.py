"""Who acts in a trial: Inspect's react loop, or a real coding agent whose model is the trial's."""
