"""A file becomes typed rows: sniff → infer → load → report. No HTTP, no current user; the file is only read."""

from datasets.ingest.fixes import AnyFix, Fix, Rename, Retype, read_fixes, write_fixes
from datasets.ingest.options import Reading, read_options
from datasets.ingest.progress import STEPS, Progress
from datasets.ingest.reading import Choice, Ingested, read_file

__all__ = [
    "STEPS",
    "AnyFix",
    "Choice",
    "Fix",
    "Ingested",
    "Progress",
    "Reading",
    "Rename",
    "Retype",
    "read_file",
    "read_fixes",
    "read_options",
    "write_fixes",
]
