"""Groups of commands of `portal`, one file each; `portal.cli` puts them together."""
