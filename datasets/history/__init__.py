"""From one version to the next: what changes in the schema and in the rows, and rows added to those that are there."""
