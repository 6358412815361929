"""Reading other people's tables: bytes in, rows of raw values and problems out. No database, no regime, no network."""
