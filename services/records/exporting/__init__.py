"""Taking records out as a file: under a right or a grant, each read decided and journalled, sealed until fetched."""
