"""HTTP: authenticate, call one service, answer. Knows no rule of any service."""
