"""What happened: one tree over every service's journal, signed, provable, checkable by strangers."""
