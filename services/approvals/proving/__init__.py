"""Proofs: what has to be there before a request is raised, and still when it is approved."""
