"""Registers: every form and list of the regimes as records that are signed; and what belongs to what."""
