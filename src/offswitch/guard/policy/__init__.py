"""Policies: what an agent may do, what is kept from it, and who stops it when."""
