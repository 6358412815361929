"""What customers agreed to: one answer for each purpose, never edited, only followed by another."""
