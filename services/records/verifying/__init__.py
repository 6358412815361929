"""Whether what is known of a customer is true, complete and fresh: verifications, what states need, quality."""
