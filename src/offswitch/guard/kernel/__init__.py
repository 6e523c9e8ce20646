"""What the Linux kernel holds for us: groups, filters, rules; on the standard library alone."""
