"""One person or company, whatever dossiers there are: told by exact identity only, through blind tokens."""
