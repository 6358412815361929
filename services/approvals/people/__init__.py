"""People at work: accounts, sessions and who stands in for whom. Customers are not here."""
