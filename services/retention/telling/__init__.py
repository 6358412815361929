"""Whom a regime wants told of what was decided: telling them is a duty like any other."""
