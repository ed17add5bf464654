"""A file becomes typed rows: sniff → infer → load → report. No HTTP, no current user; the file is only read."""

from datasets.ingest.reading import Choice, Ingested, read_file

__all__ = ["Choice", "Ingested", "read_file"]
