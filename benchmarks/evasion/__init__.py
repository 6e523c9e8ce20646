"""The evasion suite: acts an agent would rather have unseen, written in many ways; see README.md."""
