"""Statistical disclosure control: what may be shown without telling anything about a contributor.

    from datasets.disclosure import audit, cube_of, protect

`protect` hides, `audit` attacks what is served. Both work on any pandas frame of contributions. Names are loaded when
first used: the auditor's processes must not load the suppressor's solver (see `apart`), nor a web process either.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "audit": "auditor",
    "Cube": "cubes",
    "Measure": "cubes",
    "build_cube": "cubes",
    "cube_of": "frames",
    "Rules": "primary",
    "Protection": "protection",
    "protect": "protection",
    "Subject": "subject",
    "Certificate": "certificate",
    "release_tables": "gate",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
