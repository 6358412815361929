"""What waits for a decision about a record, shown to whoever may read it or has to decide it."""
