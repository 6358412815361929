"""Duties: who must do what about which subject by when, and what a miss proposes."""
