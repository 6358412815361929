"""What is known about customers: dossiers, parts, fields, consents, import. Alone opens and destroys."""
