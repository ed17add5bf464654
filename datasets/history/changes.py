"""What becomes of the fields between two versions, and which queries of the API stop working because of it.

Nothing is guessed of the queries: those that people write of a field are checked against both schemas, and those
that the old one takes and the new one refuses are told, with what the API will answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from datasets.errors import PortalError
from datasets.model import Field, Schema, Texts, text_in
from datasets.odsql.text import print_name
from datasets.query import Query, Source, compile_query

ALIKE = 0.6
"""From which likeness of names a field that came may be one that went."""


REFINED = {"text": "…", "int": "1", "double": "1", "boolean": "true", "date": "2026", "datetime": "2026"}
"""A value of a facet, by the type of its field."""


@dataclass(frozen=True)
class ChangeKind:
    """A kind of change: what it is called and what it does to those who use the API; `breaking` when it does harm."""

    label: Texts
    effect: Texts
    breaking: bool


CHANGE_KINDS: Mapping[str, ChangeKind] = {
    "removed": ChangeKind(
        {"fr": "Champ supprimé", "en": "Field removed"},
        {
            "fr": "Les requêtes qui le nomment répondront par une erreur, et les fichiers n’auront plus cette colonne.",
            "en": "Queries that name it will answer an error, and files will no longer have this column.",
        },
        True,
    ),
    "renamed": ChangeKind(
        {"fr": "Champ renommé", "en": "Field renamed"},
        {
            "fr": "Les requêtes et les programmes qui emploient l’ancien nom doivent employer le nouveau.",
            "en": "Queries and programs that use the former name must use the new one.",
        },
        True,
    ),
    "retyped": ChangeKind(
        {"fr": "Type changé", "en": "Type changed"},
        {
            "fr": "Les comparaisons, les calculs et le tri de ce champ changent ; les valeurs JSON aussi.",
            "en": "Comparisons, computations and order on this field change, and so do its JSON values.",
        },
        True,
    ),
    "refaceted": ChangeKind(
        {"fr": "Facette retirée", "en": "No longer a facet"},
        {
            "fr": "Les filtres par facette (refine) et les comptes de ce champ ne sont plus proposés.",
            "en": "Facet filters (refine) and counts of this field are no longer offered.",
        },
        True,
    ),
    "added": ChangeKind(
        {"fr": "Champ ajouté", "en": "Field added"},
        {
            "fr": "Rien ne casse ; les fichiers ont une colonne de plus.",
            "en": "Nothing breaks; files have one more column.",
        },
        False,
    ),
    "relabelled": ChangeKind(
        {"fr": "Titre changé", "en": "Title changed"},
        {
            "fr": "Les requêtes continuent ; l’en-tête des fichiers qui montrent les titres change.",
            "en": "Queries go on; the header of files that show titles changes.",
        },
        False,
    ),
    "moved": ChangeKind(
        {"fr": "Ordre des champs changé", "en": "Order of the fields changed"},
        {
            "fr": "Les programmes qui lisent les colonnes par leur rang doivent les lire par leur nom.",
            "en": "Programs that read columns by their rank must read them by their name.",
        },
        False,
    ),
}
"""Every kind of change by its code, the most harmful first."""


@dataclass(frozen=True)
class BrokenQuery:
    """A query that worked and will not: its `clause` and `text`, and what the API will answer, by language."""

    clause: str
    text: str
    answer: Texts


@dataclass(frozen=True)
class SchemaChange:
    """What becomes of a field: `before` and `after` are its names or its types, empty where there is none."""

    kind: str
    field: str
    before: str
    after: str
    broken: tuple[BrokenQuery, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether somebody who uses the API may see an error because of it."""
        return CHANGE_KINDS[self.kind].breaking

    def message(self, lang: str = "fr") -> str:
        """Return the change in words, its effect included."""
        kind, colon = CHANGE_KINDS[self.kind], " :" if lang == "fr" else ":"
        both = f" ({self.before} → {self.after})" if self.before and self.after else ""
        return f"{text_in(kind.label, lang)}{colon} {self.field}{both}. {text_in(kind.effect, lang)}"


def compare_schemas(before: Schema, after: Schema) -> tuple[SchemaChange, ...]:
    """Return what becomes of each field, the most harmful changes first."""
    gone = [field for field in before if after.find_field(field.name) is None]
    came = [field for field in after if before.find_field(field.name) is None]
    renamed = dict(_match(gone, came))
    changes = [SchemaChange("renamed", old, old, new) for old, new in renamed.items()]
    changes += [SchemaChange("removed", field.name, field.name, "") for field in gone if field.name not in renamed]
    changes += [SchemaChange("added", one.name, "", one.name) for one in came if one.name not in renamed.values()]
    for field in before:
        if (now := after.find_field(field.name)) is not None:
            changes += _compare_fields(field, now)
    shared = [name for name in before.names if after.find_field(name)]
    if not renamed and shared != [name for name in after.names if before.find_field(name)]:
        changes.append(SchemaChange("moved", ", ".join(after.names), "", ""))
    order = list(CHANGE_KINDS)
    told = (replace(one, broken=tuple(find_broken(one, before, after))) for one in changes)
    return tuple(sorted(told, key=lambda one: order.index(one.kind)))


def find_broken(change: SchemaChange, before: Schema, after: Schema) -> Iterator[BrokenQuery]:
    """Yield the usual queries of a changed field that the schema before takes and the one after refuses."""
    field = before.find_field(change.field)
    if field is None or not change.breaking:
        return
    old, new = Source(before, ""), Source(after, "")
    for clause, text in usual_queries(field):
        query = query_of(clause, text)
        if _refused(query, old) is None and (answer := _refused(query, new)):
            yield BrokenQuery(clause, text, answer)


def query_of(clause: str, text: str) -> Query:
    """Return the query that has this one clause."""
    queries = {
        "select": Query(select=text),
        "where": Query(where=(text,)),
        "group_by": Query(group_by=text),
        "order_by": Query(order_by=text),
        "refine": Query(refine=(text,)),
    }
    return queries[clause]


def usual_queries(field: Field) -> Iterator[tuple[str, str]]:
    """Yield what people usually ask of a field, as pairs of a clause and its text, by its type."""
    name = print_name(field.name)
    yield "select", name
    yield "where", f"{name} is not null"
    yield "order_by", name
    yield "group_by", name
    if field.type in ("int", "double"):
        yield from (("where", f"{name} > 0"), ("select", f"sum({name})"))
    elif field.type in ("date", "datetime"):
        yield from (("where", f"{name} >= date'2026-01-01'"), ("group_by", f"year({name})"))
    elif field.type == "text":
        yield from (("where", f'{name} = "…"'), ("where", f'{name} like "…"'))
    elif field.type == "boolean":
        yield "where", f"{name} = true"
    elif field.type.startswith("geo_"):
        yield "where", f"within_distance({name}, geom'POINT(0.58 43.64)', 5km)"
    if field.annotations.get("facet") and field.type in REFINED:
        yield "refine", f"{field.name}:{REFINED[field.type]}"


def _match(gone: Sequence[Field], came: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """Yield the fields that went and came back under another name: same type, and same title or names alike."""
    left = list(came)
    for field in gone:
        alike = [one for one in left if one.type == field.type and _likeness(field, one) >= ALIKE]
        if alike:
            found = max(alike, key=lambda one: _likeness(field, one))
            left.remove(found)
            yield field.name, found.name


def _likeness(one: Field, other: Field) -> float:
    same_title = bool(one.label) and dict(one.label) == dict(other.label)
    return 1.0 if same_title else SequenceMatcher(None, one.name, other.name).ratio()


def _compare_fields(before: Field, after: Field) -> Iterator[SchemaChange]:
    old, new = (f"{field.type}[]" if field.multivalued else field.type for field in (before, after))
    if old != new:
        yield SchemaChange("retyped", before.name, old, new)
    if before.annotations.get("facet") and not after.annotations.get("facet"):
        yield SchemaChange("refaceted", before.name, "", "")
    old, new = (text_in(field.label, "fr") or field.name for field in (before, after))
    if old != new:
        yield SchemaChange("relabelled", before.name, old, new)


def _refused(query: Query, source: Source) -> Texts | None:
    """Return what the API answers to a query that it refuses, by language; None when it takes it."""
    try:
        compile_query(query, source)
    except PortalError as error:
        return {lang: error.message(lang).partition("\n")[0] for lang in ("fr", "en")}
    return None
