"""What happened, and who must answer for it."""
