"""Who may do what: people, requests, chains, decisions and signed grants. Never a value of a record."""
