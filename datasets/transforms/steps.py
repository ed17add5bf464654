"""What a step is: a name and options, plain data; and what it becomes: one SELECT over one file, and what follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datasets.errors import Phrase, StepRefused
from datasets.ingest.report import Report
from datasets.model import Schema, Texts
from datasets.odsql.sql import identifier
from datasets.query import Source
from datasets.store.workshop import Workshop

if TYPE_CHECKING:  # the tools of frames, which take a while to load
    from datasets.programming.territories import Territories

FILE = "read_parquet($1)"
RANK = "#row"
"""The column that tells the row of the file; no field may have this name, and it is never published."""

MOST_STEPS = 50


@dataclass(frozen=True)
class Step:
    """One declared step: the name of a transformation, and its options by name."""

    name: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def to_dict(self) -> dict[str, Any]:
        """Return the step as plain values, ready for JSON."""
        return {"step": self.name, **self.options}


@dataclass(frozen=True)
class Option:
    """What a step asks for: its name, its kind (a key of KINDS), its words, and whether it may be left out."""

    name: str
    kind: str
    label: Texts
    optional: bool = False


@dataclass(frozen=True)
class Resources:
    """What a step may need beside the rows: other published datasets, and the territories."""

    find_source: Callable[[str], Source]
    find_territories: "Callable[[], Territories]"


@dataclass(frozen=True)
class Stage:
    """A step ready to be run: the fields after it, one SELECT whose $1 is the file, and its other parameters.

    `convert` then changes each batch of rows, and `gather` all of them at once; both may tell problems in the report.
    """

    schema: Schema
    sql: str
    params: tuple[object, ...] = ()
    convert: Callable[[pa.Table, Report], pa.Table] | None = None
    gather: Callable[[pa.Table, Report], pa.Table] | None = None


@dataclass(frozen=True)
class Task:
    """What a transformation is given to plan its stage: the fields before it, its options, and where to work."""

    schema: Schema
    options: Mapping[str, Any]
    workshop: Workshop
    resources: Resources


@dataclass(frozen=True)
class Transformation:
    """A kind of step: its words for people, its options, and how it becomes a stage."""

    label: Texts
    help: Texts
    options: tuple[Option, ...]
    plan: Callable[[Task], Stage]


def is_text(value: object) -> bool:
    """Return whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_names(value: object) -> bool:
    """Return whether a value is a list of different texts."""
    return isinstance(value, list) and bool(value) and all(map(is_text, value)) and len(set(value)) == len(value)


def is_map(value: object) -> bool:
    """Return whether a value maps texts to texts."""
    return isinstance(value, dict) and bool(value) and all(map(is_text, (*value, *value.values())))


KINDS: Mapping[str, tuple[Callable[[object], bool], Phrase]] = {
    "field": (is_text, Phrase("a field", "un champ")),
    "fields": (is_names, Phrase("a list of fields", "une liste de champs")),
    "names": (is_names, Phrase("a list of names", "une liste de noms")),
    "text": (is_text, Phrase("a text", "un texte")),
    "mark": (lambda value: isinstance(value, str) and bool(value), Phrase("a mark", "un signe")),
    "map": (is_map, Phrase("pairs of names", "des couples de noms")),
    "count": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 1,
        Phrase("a whole number of at least 2", "un nombre entier d’au moins 2"),
    ),
    "share": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1,
        Phrase("a share from 0 to 1, excluded", "une part de 0 à 1, exclu"),
    ),
}
"""The kinds of options: what holds, and what to say when it does not."""


def read_steps(kept: Iterable[Any], known: Mapping[str, Transformation]) -> tuple[Step, ...]:
    """Return steps from plain values. Raises StepRefused for what is not a step, saying which and why."""
    steps = []
    for place, plain in enumerate(kept, start=1):
        if place > MOST_STEPS:
            raise StepRefused(place=place, step="", reason=Phrase(f"at most {MOST_STEPS}.", f"{MOST_STEPS} au plus."))
        values = dict(plain) if isinstance(plain, Mapping) else {}
        name = values.pop("step", None)
        if name not in known:
            expected = ", ".join(known)
            reason = Phrase(f"one of {expected} is expected.", f"attendu : {expected}.")
            raise StepRefused(place=place, step=str(name), reason=reason)
        check_options(place, name, values, known[name].options)
        steps.append(Step(name, MappingProxyType(values)))
    return tuple(steps)


def check_options(place: int, step: str, values: Mapping[str, Any], options: Sequence[Option]) -> None:
    """Raise StepRefused for the first option that is missing, unknown or of another kind."""
    for option in options:
        holds, expected = KINDS[option.kind]
        given = values.get(option.name)
        if not (holds(given) or (option.optional and option.name not in values)):
            reason = Phrase(
                f"{option.name}: {expected} is expected ({given!r} was found).",
                f"{option.name} : {expected.fr} attendu ({given!r} trouvé).",
            )
            raise StepRefused(place=place, step=step, reason=reason)
    if unknown := set(values) - {option.name for option in options}:
        names = ", ".join(sorted(map(str, unknown)))
        reason = Phrase(f"these options are unknown: {names}.", f"ces options sont inconnues : {names}.")
        raise StepRefused(place=place, step=step, reason=reason)


def write_columns(schema: Schema, changed: Mapping[str, str] = MappingProxyType({})) -> str:
    """Write the rank and the columns of a schema; `changed` holds, by field, the SQL that makes it."""
    columns = (
        f"{changed[name]} AS {identifier(name)}" if name in changed else identifier(name) for name in schema.names
    )
    return ", ".join([identifier(RANK), *columns])
