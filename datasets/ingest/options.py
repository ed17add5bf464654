"""How a file is read: what a producer may overrule, field by field; what is left empty is detected."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from datasets.errors import UnknownOption


@dataclass(frozen=True)
class Reading:
    """The options of a reading: asked for (what is empty or None is to be detected), or, in `Ingested.dialect`, used.

    - `format`: a key of FORMATS; `member`: the file of a zip archive; `sheet`: a sheet of a workbook, a layer of a
      geographic file, or the dotted path of a list in a JSON document.
    - `encoding`, `delimiter`, `quote` and `escape` (empty text: none): how a delimited text is written.
    - `header`: the row of the file where the titles begin, as a spreadsheet numbers it (0: there are no titles);
      `header_rows`: how many rows they take; `footer`: how many rows at the end are set aside; `columns`: those of
      one table among several that stand side by side, as a spreadsheet names them (A:C).
    - `repair_letters`: whether letters damaged by a wrong encoding (Ã©) are repaired.
    - `crs`: the coordinate system of the file, as PROJ names it (EPSG:2154); `swap_axes`: whether its longitudes
      and latitudes are to be exchanged.
    """

    format: str = ""
    member: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str | None = None
    escape: str | None = None
    header: int | None = None
    header_rows: int | None = None
    footer: int | None = None
    columns: str = ""
    repair_letters: bool = False
    crs: str = ""
    swap_axes: bool = False

    def having(self, **used: Any) -> "Reading":
        """Return these options, where each that was left to be detected takes the value that was `used`."""
        return replace(self, **{name: value for name, value in used.items() if getattr(self, name) in ("", None)})

    def as_dict(self) -> dict[str, Any]:
        """Return the options that are not left to be detected, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value != _DEFAULTS[name]}


DETECTED = Reading()
"""Everything is detected."""

_DEFAULTS = {field.name: field.default for field in fields(Reading)}
_NUMBERS = ("header", "header_rows", "footer")
_FLAGS = ("repair_letters", "swap_axes")


def read_options(values: Mapping[str, Any]) -> Reading:
    """Return the options that a form or a JSON object gives; an empty text leaves an option to be detected.

    Only `quote` and `escape` may be empty on purpose: by None they are detected. Raises UnknownOption for a name
    that is no option, or a number that is not one.
    """
    return Reading(**{name: _read_option(name, value) for name, value in values.items()})


def _read_option(name: str, value: Any) -> Any:
    if name not in _DEFAULTS:
        raise UnknownOption(name=name, value=str(value))
    if name in _FLAGS:
        return value in (True, "true", "on", "1")
    if name not in _NUMBERS:
        return None if value is None and _DEFAULTS[name] is None else str(value or "")
    if value is None or value == "":
        return None
    if not str(value).isdecimal():
        raise UnknownOption(name=name, value=str(value))
    return int(value)
