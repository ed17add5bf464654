"""The console: a page where people fill in a form, see the address that it makes, and read what it answers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import Blueprint, current_app, render_template, request

from datasets.catalogue.catalogue import list_titles
from datasets.errors import Phrase
from datasets.model import text_in
from portal.explore.calls import BASE
from portal.explore.catalogue import open_dataset
from portal.explore.openapi.asking import describe, taken, value_schema
from portal.explore.openapi.document import ARGUMENT, BLUEPRINT, Subject, formats_of
from portal.explore.openapi.operations import BY_ENDPOINT, DOCUMENT, FILE, NEVER, OPERATIONS, TAGS, Operation
from portal.explore.openapi.routes import describe_subject, read_limits
from portal.explore.openapi.schemas import Json
from portal.explore.params import BY_NAME
from portal.extensions import portal
from portal.i18n import language
from portal.programs import FILE_PROGRAMS, JSON_PROGRAMS

bp = Blueprint("console", __name__)

FIRST = ("select", "where", "group_by", "order_by", "limit", "offset", "refine", "exclude", "facet")
"""The parameters that the form shows before the others."""

ONLY_FOR: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("delimiter", "list_separator", "quote_all", "with_bom"), "csv"),
        **dict.fromkeys(("name_field", "description_field_list", "use_extension"), "gpx"),
        "parquet_compression": "parquet",
    }
)
"""The layout of one format, which the form shows for that format alone."""


@dataclass(frozen=True)
class Control:
    """One field of the form: a parameter, what it takes, an example that works."""

    name: str
    help: Phrase
    schema: Json
    many: bool
    example: str

    @property
    def choices(self) -> list[str]:
        """The only values that it takes, if they are few."""
        return ["true", "false"] if self.schema.get("type") == "boolean" else self.schema.get("enum", [])

    @property
    def default(self) -> str:
        """What an empty field means, as text."""
        value = self.schema.get("default", "")
        return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Choice:
    """What the reader chose: an operation, and where it needs them a dataset, a format, a record."""

    operation: Operation
    subject: Subject | None
    formats: tuple[str, ...]
    format: str
    record: str

    @property
    def file(self) -> str:
        """The name of the file that an export makes."""
        return f"{self.subject.dataset.dataset_id if self.subject else 'datasets'}.{self.format}"

    @property
    def path(self) -> str:
        """The address of the operation, without its parameters."""
        parts = {
            "dataset_id": self.subject.dataset.dataset_id if self.subject else "",
            "name": self.format,
            "record_id": self.record,
        }
        rule = find_rule(self.operation)
        return ARGUMENT.sub(lambda found: quote(parts[found[1]], safe=""), rule)


@bp.get(f"{BASE}/console", strict_slashes=False)
@bp.get("/api-console/explore/v2.1/", strict_slashes=False, endpoint="alias")
def show_console() -> str:
    """Show the form of the operation that the address chooses, ready to be sent."""
    with portal.databases.session("catalogue") as session:
        titles = list_titles(session)
    lang = language()
    known = {name: text_in(title, lang) or name for name, title in titles.items()}
    choice = read_choice(known)
    controls = list(list_controls(choice))
    return render_template(
        "explore/console.html",
        datasets=known,
        groups=list_operations(bool(known)),
        tags=TAGS,
        choice=choice,
        first=[each for each in controls if each.name in FIRST],
        others=[each for each in controls if each.name not in FIRST],
        programs=FILE_PROGRAMS if choice.operation.answer == FILE else JSON_PROGRAMS,
        whole=f"{portal.settings.base_url}{choice.path}",
        phrase=say,
    )


def read_choice(known: Collection[str]) -> Choice:
    """Read what the address chooses; what it leaves out or does not know is the first there is.

    Raises NotFound for a dataset that does not exist.
    """
    by_id = {operation.id: operation for operation in OPERATIONS if is_offered(operation)}
    operation = by_id.get(request.args.get("operation", ""), by_id["getRecords" if known else "getDatasets"])
    subject = None
    if "<dataset_id>" in find_rule(operation):
        subject = read_subject(request.args.get("dataset") or next(iter(known), ""))
    formats = formats_of(operation, subject)
    asked = request.args.get("format", "")
    record = request.args.get("record", "").strip() or (subject.record.get("_id", "") if subject else "")
    return Choice(operation, subject, formats, asked if asked in formats else next(iter(formats), ""), record)


def read_subject(dataset_id: str) -> Subject:
    """Return what the console tells of a dataset; raise NotFound when it does not exist."""
    with portal.databases.session("catalogue") as session:
        return describe_subject(open_dataset(session, portal.store, dataset_id))


def list_operations(published: bool) -> dict[str, list[Operation]]:
    """Return the operations that the console offers, by group."""
    offered = [each for each in OPERATIONS if is_offered(each) and (published or "<" not in find_rule(each))]
    return {tag: [each for each in offered if each.tag == tag] for tag in TAGS if tag in {e.tag for e in offered}}


def is_offered(operation: Operation) -> bool:
    """Return whether the console offers an operation: those that have an address of their own and answer data."""
    general = BY_ENDPOINT[operation.endpoint][0] is operation
    reachable = {"dataset_id", "name", "record_id"}.issuperset(ARGUMENT.findall(find_rule(operation) or "<none>"))
    return general and reachable and operation.answer not in (NEVER, DOCUMENT)


def find_rule(operation: Operation) -> str:
    """Return the address of an operation as Flask knows it, "" when the application has it not."""
    endpoint = BLUEPRINT + operation.endpoint
    if endpoint not in current_app.view_functions:
        return ""
    return next(current_app.url_map.iter_rules(endpoint)).rule


def list_controls(choice: Choice) -> Iterator[Control]:
    """Yield the fields of the form of an operation, in the order of the table of parameters."""
    examples: Mapping[str, Any] = choice.subject.examples if choice.subject else {}
    shown = examples.get(choice.operation.endpoint, {})
    for name in taken(choice.operation):
        parameter = BY_NAME[name]
        if ONLY_FOR.get(name, choice.format) == choice.format:
            schema = value_schema(parameter, choice.operation.endpoint, read_limits())
            example = next(iter(shown.get(name, {}).values()), "")
            yield Control(name, describe(parameter), schema, parameter.many, example)


def say(text: Phrase) -> str:
    """Return a Phrase in the reader's language."""
    return text.fr if language() == "fr" else str(text)
