"""The journal of sign-ins and acts: append-only, chained, kept for twelve months (clause B26)."""
