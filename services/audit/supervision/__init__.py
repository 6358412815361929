"""Who must answer for what happened: violations proposed from events, decided by people."""
