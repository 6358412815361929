"""Parallel classifications of a record, their history, and the level that follows from them."""
