"""What is done later for a producer: read a draft's file, publish it. Each step is told on the draft as it begins."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from datasets.errors import IngestError, Phrase, PortalError
from datasets.ingest import STEPS, Ingested, Progress, read_file, read_fixes, read_options
from datasets.model import Version
from portal.extensions import Portal
from portal.producers import describing, understanding
from portal.producers.problems import write_annotated, write_problems
from portal.producers.review import refuse_unreviewed, tell_review
from portal.producers.service import (
    annotated_path,
    change_draft,
    check_free,
    file_path,
    get_draft,
    release,
    report_path,
)
from portal.producers.shaping import find_draft_recipe, shape
from portal.producers.tables import DraftRow
from portal.releasing import expect_columns
from portal.sources.recipes import read_kept, write_recipe

READING_STEPS = STEPS
PUBLISHING_STEPS = (*STEPS, "write")
OFTEN = timedelta(seconds=1)
"""How often what is done of a step is told."""
ERASED = {
    "found": Phrase(
        "no file any more (files are erased a month after the last change)",
        "plus de fichier (il est effacé un mois après la dernière modification)",
    ),
    "expected": Phrase("the uploaded file", "le fichier déposé"),
    "advice": Phrase("Upload it again.", "Déposez-le à nouveau."),
}
INTERRUPTED = {
    "fr": "Le travail a été interrompu de notre côté. Rien n’a changé ; recommencez.",
    "en": "The work was interrupted on our side. Nothing has changed; please start again.",
}


def read_draft(portal: Portal, draft_id: str) -> None:
    """Read the file of a draft and keep what was understood, or why it cannot be read."""
    draft = get_draft(portal, draft_id)
    with telling_failure(portal, draft_id):
        change_draft(portal, draft_id, state="reading", rows_read=0, error={})
        found = read(portal, draft)
        shaped = shape(portal, draft, found)
        write_problems(report_path(portal, draft_id), found.report)
        write_annotated(annotated_path(portal, draft_id), found.raw, found.report, portal.settings.language)
        understood = understanding.summarise(found, shaped)
        change_draft(portal, draft_id, state="understood", step="", rows_read=found.report.kept, understood=understood)


def publish_draft(portal: Portal, draft_id: str) -> None:
    """Publish a draft as its dataset: until the last step nothing public has changed."""
    draft = get_draft(portal, draft_id)
    with telling_failure(portal, draft_id):
        with portal.databases.session("catalogue") as session:
            check_free(session, draft.dataset_id, draft.owner)
        found = read(portal, draft)
        decisions = understanding.read_decisions(draft.choices)
        shaped = shape(portal, draft, found)
        describing.refuse_identifiers(draft.dataset_id, shaped, decisions)
        refuse_unreviewed(draft)
        change_draft(portal, draft_id, step="write", done=0, total=0)
        origin = describing.provenance(draft.file_name, draft.sha256, shaped, decisions)
        if draft.review:
            origin["review"] = tell_review(draft.review)
        found = replace(found, schema=understanding.put_words(found.schema, draft.choices))
        made = release(portal, draft.dataset_id, draft.description, found, origin, **say_how(portal, draft, found))
        understood = understanding.forget_values(understanding.summarise(found, shaped)) | {"new": made.new}
        change_draft(portal, draft_id, state="published", step="", error={}, understood=understood)


def say_how(portal: Portal, draft: DraftRow, found: Ingested) -> dict[str, Any]:
    """Return how the rows of a draft come to those of its dataset, for `portal.releasing.publish_rows`."""

    def keep(session: Session, _versions: Sequence[Version]) -> None:
        _steps, table_schema = read_kept(portal, draft.dataset_id)
        write_recipe(session, draft.dataset_id, draft.steps, table_schema, at=portal.clock.now())

    key = [field.name for field in found.schema if "id" in field.annotations] if draft.mode != "replace" else []
    return {"update": draft.mode, "key": key, "recipe": find_draft_recipe(portal, draft), "beside": keep}


def read(portal: Portal, draft: DraftRow) -> Ingested:
    """Return the rows of a draft, with the producer's choices, telling each step. Raises IngestError."""
    path = file_path(portal, draft)
    if not path.exists():
        raise IngestError(where=draft.file_name, **ERASED)
    expected = expect_columns(portal, draft.dataset_id, draft.mode) if draft.mode != "replace" else {}
    chosen = understanding.read_choices(draft.choices)
    declared = {
        name: replace(choice, type=choice.type or expected.get(name, choice).type) for name, choice in chosen.items()
    }
    return read_file(
        path,
        {**expected, **declared},
        fixes=read_fixes(draft.fixes),
        name=draft.file_name,
        reading=read_options(draft.reading),
        tell=Watch(portal, draft.draft_id),
    )


class Watch:
    """Tells on a draft how far its reading is: each step as it begins, then what is done of it, once a second."""

    def __init__(self, portal: Portal, draft_id: str) -> None:
        self.portal, self.draft_id = portal, draft_id
        self.step, self.told = "", portal.clock.now()

    def __call__(self, progress: Progress) -> None:
        """Write how far the reading is, unless that was done a moment ago."""
        now = self.portal.clock.now()
        if progress.step == self.step and now - self.told < OFTEN:
            return
        self.step, self.told = progress.step, now
        rows = {"rows_read": progress.done} if progress.step == "read" else {}
        told = {"step": progress.step, "done": progress.done, "total": progress.total, **rows}
        change_draft(self.portal, self.draft_id, **told)


@contextmanager
def telling_failure(portal: Portal, draft_id: str) -> Iterator[None]:
    """Write on the draft why a job failed; what is not an error of the tree is raised again, for the log."""
    try:
        yield
    except PortalError as error:
        fail(portal, draft_id, {"fr": error.message("fr"), "en": error.message("en")})
    except BaseException:
        fail(portal, draft_id, INTERRUPTED)
        raise


def fail(portal: Portal, draft_id: str, error: dict[str, str]) -> None:
    """Set a draft back to the last state from which its producer can go on, with the reason."""
    understood = get_draft(portal, draft_id).understood
    state = "understood" if understood else "refused"
    change_draft(portal, draft_id, state=state, step="", review={}, error=error)
