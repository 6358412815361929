"""What the other services may ask of records, and nobody else."""
