"""What a customer wants erased: decided by somebody, executed by destroying keys, and told."""
