"""Documents of a record: taken in piece by piece, sealed on arrival, examined, counted on the class's checklist."""
