"""Sockets that are files: what an agent sees of them it can call, through read-only mounts and namespaces."""
