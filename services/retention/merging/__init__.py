"""Records of one customer that became one: what is kept about the one that went follows the one that stays."""
