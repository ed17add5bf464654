"""Identifiers of persons in a table that somebody wants to publish: found on all of its cells, shown masked.

from datasets.disclosure.identifiers import find_identifiers

findings = find_identifiers(table, schema)
findings.blocking(decisions)  # what must stop the publication
"""

from datasets.disclosure.identifiers.findings import Decision, Finding, Findings
from datasets.disclosure.identifiers.judge import find_identifiers
from datasets.disclosure.identifiers.kinds import ANSWERS, KINDS

__all__ = ["ANSWERS", "KINDS", "Decision", "Finding", "Findings", "find_identifiers"]
