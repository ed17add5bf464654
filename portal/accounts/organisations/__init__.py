"""Organisations: whom a producer publishes for."""
