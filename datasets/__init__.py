"""Floor 1: what a dataset is. No Flask, no HTTP, no current user."""

from datasets import lean

lean.calm_collector()
lean.share_memory()
lean.hide_pandas()
