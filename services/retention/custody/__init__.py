"""Custody: who has a record in hand, and until when."""
