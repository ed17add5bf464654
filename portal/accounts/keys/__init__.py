"""API keys: a database of their own, that names nobody."""
