"""Recovery codes, for whoever lost the rest."""
