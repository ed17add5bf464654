"""Receipts: what a person keeps to verify, later and without us, that an act about them is in the ledger.

    receipt   REFERENCE.NONCE, given to the person only
    ledger    {"clause": …, "proof": sha256("receipt|REFERENCE|NONCE"), "previous": …, "hash": …}

Nobody can tell from the ledger whom a line is about; who holds a receipt finds its line. A line forged or taken away
breaks the chain of hashes.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasets.errors import StoreError
from portal.privacy.ledger import FIRST, Ledger, chain
from portal.privacy.policy import POLICY

FORM = re.compile(r"\s*([A-Za-z0-9-]{1,40})\.([0-9a-f]{32})\s*")


@dataclass(frozen=True)
class Verdict:
    """What the ledger says of a receipt: the line that proves it and its number, in a chain of so many lines."""

    line: Mapping[str, Any]
    number: int
    lines: int
    head: str


def make_receipt(reference: str) -> str:
    """Return a receipt that nothing proves yet."""
    return f"{reference}.{secrets.token_hex(16)}"


def write_receipt(ledger: Ledger, clause: str, receipt: str, at: datetime) -> None:
    """Write in the ledger that a clause was applied to the person who holds a receipt. Raises StoreError."""
    reference, _, nonce = receipt.partition(".")
    category = POLICY.clauses[clause].category
    ledger.append(clause, category, 1, at=at, policy=POLICY.version, proof=prove(reference, nonce))


def prove(reference: str, nonce: str) -> str:
    """Return what a line of the ledger holds of a receipt."""
    return hashlib.sha256(f"receipt|{reference}|{nonce}".encode()).hexdigest()


def verify_receipt(lines: Iterable[Mapping[str, Any]], receipt: str) -> Verdict | None:
    """Return what a ledger, read from its first line, says of a receipt; None when it has no line for it.

    Needs nothing of the portal but the file of the ledger. Raises StoreError when its chain is broken.
    """
    found = FORM.fullmatch(receipt)
    proof = prove(found[1], found[2]) if found else ""
    verdict: tuple[int, Mapping[str, Any]] | None = None
    last, count = FIRST, 0
    for count, line in enumerate(lines, 1):
        if dict(line) != chain(last, {key: value for key, value in line.items() if key not in ("previous", "hash")}):
            raise StoreError(what="ledger", reason=f"line {count} is not the one that was written")
        last = str(line["hash"])
        if proof and line.get("proof") == proof:
            verdict = count, line
    return Verdict(verdict[1], verdict[0], count, last) if verdict else None
