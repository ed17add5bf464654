"""Floor 1: what a dataset is. No Flask, no HTTP, no current user."""
