"""Keeping and letting go: duties, custody and disposal."""
