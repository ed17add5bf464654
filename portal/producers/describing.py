"""What a producer writes becomes the description of a dataset, and where its rows come from."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from datasets.catalogue.metadata import METADATA
from datasets.disclosure.identifiers import KINDS, Decision, Finding
from datasets.errors import DisclosureError, InvalidParameter, Phrase
from datasets.ingest import Ingested
from datasets.ingest.naming import slug

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{1,98}[a-z0-9]")
RESERVED = ("catalogue",)


def check_identifier(dataset_id: str) -> str:
    """Return `dataset_id` if it can name a dataset; raise InvalidParameter otherwise."""
    if not IDENTIFIER.fullmatch(dataset_id) or dataset_id in RESERVED:
        raise InvalidParameter(name="id", found=repr(dataset_id), expected="3 to 100 of a-z, 0-9, hyphen, underscore")
    return dataset_id


def propose_identifier(title: str) -> str:
    """Return an identifier made from a title: words joined by hyphens."""
    return (slug(title).replace("_", "-")[:80].strip("-") or "donnees").ljust(3, "0")


def propose_title(file_name: str) -> str:
    """Return a title made from the name of a file."""
    stem = file_name.rpartition(".")[0] or file_name
    words = re.sub(r"[_\s]+", " ", stem).strip()
    return words[:1].upper() + words[1:]


def describe(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata that a producer wrote (plain texts, by field of the form); what is empty is left out."""
    told = {term.name: READERS.get(term.kind, _read_text)(description, term.name) for term in METADATA}
    return {name: value for name, value in told.items() if value}


def list_emptied(description: Mapping[str, Any]) -> set[str]:
    """Return the pieces of description that a producer was asked and left empty."""
    return {term.name for term in METADATA if term.name in description} - set(describe(description))


def split_list(text: str) -> list[str]:
    """Return the words of a list that is written with commas, each once."""
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _read_text(description: Mapping[str, Any], name: str) -> str:
    return str(description.get(name) or "").strip()


def _read_texts(description: Mapping[str, Any], name: str) -> dict[str, str]:
    texts = {"fr": _read_text(description, name), "en": _read_text(description, f"{name}_en")}
    return {lang: text for lang, text in texts.items() if text}


def _read_prose(description: Mapping[str, Any], name: str) -> dict[str, str]:
    return {lang: write_paragraphs(text) for lang, text in _read_texts(description, name).items()}


def _read_list(description: Mapping[str, Any], name: str) -> list[str]:
    return split_list(_read_text(description, name))


def _read_reuses(description: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [_read_reuse(written) for written in description.get(name) or ()]


def _read_reuse(written: Mapping[str, str]) -> dict[str, Any]:
    told = {name: _read_text(written, name) for name in ("title", "url", "author")}
    read = {**told, "description": _read_texts(written, "description")}
    return {name: value for name, value in read.items() if value}


READERS = {"texts": _read_texts, "html": _read_prose, "list": _read_list, "reuses": _read_reuses}
"""How what was written becomes a value, by the kind of the piece of description; the others are texts."""


def write_paragraphs(text: str) -> str:
    """Return a plain text as paragraphs of HTML: an empty line begins one."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def provenance(file_name: str, sha256: str, found: Ingested, decisions: Sequence[Decision] = ()) -> dict[str, Any]:
    """Return where the rows of a version come from, and what was decided about columns that tell of persons.

    It counts the values that were corrected, and says how those that are not texts were written; it holds no value.
    """
    told = {(finding.kind, finding.column) for finding in found.findings}
    return {
        "source": "file",
        "file": file_name,
        "sha256": sha256,
        "kept_back": [column.name for column in found.columns if column.identifying and not column.published],
        "confirmed": [column.name for column in found.columns if column.identifying and column.published],
        "left_out": [column.name for column in found.columns if not column.identifying and not column.published],
        "decisions": [one.to_dict() for one in decisions if (one.kind, one.column) in told],
        "corrected": {column: count for (column, why), count in found.report.counts.items() if why == "corrected"},
        "written": dict(found.written),
    }


def refuse_identifiers(dataset_id: str, found: Ingested, decisions: Sequence[Decision]) -> None:
    """Raise DisclosureError when columns about to be published name persons and nobody has answered for them."""
    stopping = found.findings.blocking(decisions, columns=found.schema.names)
    if stopping:
        raise DisclosureError(table=dataset_id, reason=name_findings(stopping))


def name_findings(stopping: Sequence[Finding]) -> Phrase:
    """Return which columns stop a publication, in words: kinds and columns, no value."""
    said = {
        lang: ", ".join(f"{finding.column} ({KINDS[finding.kind].label[lang]})" for finding in stopping)
        for lang in ("en", "fr")
    }
    return Phrase(
        f"some columns tell of persons and need an answer: {said['en']}. Leave them out, or say whose these are.",
        f"des colonnes désignent des personnes et demandent une réponse : {said['fr']}. Retirez-les, ou dites de qui "
        "il s’agit.",
    )
