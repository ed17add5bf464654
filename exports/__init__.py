"""Floor 2: rows in, bytes out; nothing else."""
