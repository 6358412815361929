"""Whose a record is: one department and one person at any time."""
