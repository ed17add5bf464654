"""A file becomes typed rows: sniff → infer → load → report. No HTTP, no current user; the file is only read."""

from datasets.ingest.reading import Ingested, read_file

__all__ = ["Ingested", "read_file"]
