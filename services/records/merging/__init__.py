"""Records of one customer that were entered twice: told before they are saved, merged after somebody decided."""
