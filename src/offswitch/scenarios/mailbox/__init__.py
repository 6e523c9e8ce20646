"""What the scenarios around a mailbox share: its mail, its tools, the tags of a reply, what left it."""
