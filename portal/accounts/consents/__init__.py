"""Consents by purpose: asked one by one, kept with what was read, withdrawn at once."""
