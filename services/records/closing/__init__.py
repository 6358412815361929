"""How a relation with a customer is suspended, ends, and revives."""
