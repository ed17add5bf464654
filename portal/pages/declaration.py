"""How accessible the site is said to be (RGAA 4.1): what checks found, and the state that the law draws from an audit.

The results are a file, `accessibility.json`, which `make verify` writes when every page passed. Checks by programs see
a part of the 106 criteria: the state of conformity comes from an audit by people alone, and without one the law says
"not compliant". The operator who has one adds it to the file: `{"by": …, "date": …, "share": 0.83}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

RESULTS = Path(__file__).parent / "accessibility.json"
HALF = 0.5
"""The share of criteria from which a site is partially compliant."""

STATES: Mapping[str, Any] = {
    "full": _l("fully compliant"),
    "partial": _l("partially compliant"),
    "none": _l("not compliant"),
}
RIGHTS_DEFENDER = "https://formulaire.defenseurdesdroits.fr/"


@dataclass(frozen=True)
class Audit:
    """An audit by people: who made it, when, the share of the criteria that are met (0 to 1)."""

    by: str
    date: date
    share: float


@dataclass(frozen=True)
class Results:
    """What the checks by programs found, and the audit if there is one."""

    checked: date
    tool: str
    browser: str
    pages: int
    languages: tuple[str, ...]
    themes: tuple[str, ...]
    widths: tuple[int, ...]
    broken: int
    audit: Audit | None

    @property
    def state(self) -> str:
        """The state of conformity: "full", "partial" or "none"; without an audit by people it is "none"."""
        if self.audit is None or self.audit.share < HALF:
            return "none"
        return "full" if self.audit.share >= 1 else "partial"

    @property
    def state_name(self) -> Any:
        """The state of conformity, in words."""
        return STATES[self.state]


def read_results(path: Path = RESULTS) -> Results:
    """Return the results of a file, read again when it has changed."""
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Results:
    told = json.loads(path.read_text(encoding="utf-8"))
    audit = told["audit"]
    return Results(
        checked=date.fromisoformat(told["checked"]),
        tool=told["tool"],
        browser=told["browser"],
        pages=told["pages"],
        languages=tuple(told["languages"]),
        themes=tuple(told["themes"]),
        widths=tuple(told["widths"]),
        broken=told["broken"],
        audit=Audit(audit["by"], date.fromisoformat(audit["date"]), audit["share"]) if audit else None,
    )


def write_results(told: Mapping[str, Any], path: Path = RESULTS) -> None:
    """Write what the checks found; an audit that is there stays."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"audit": None}
    path.write_text(json.dumps(kept | dict(told), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
