"""`portal source`: where rows come from; `portal recipe`: what is done to each new file of a dataset."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from datasets.errors import BrokenDescriptor, Phrase
from portal.extensions import portal
from portal.progress import show
from portal.sources import recipes, service

FILE = click.Path(dir_okay=False, path_type=Path)

source_group = AppGroup("source", help="Where the rows of datasets come from.")
recipe_group = AppGroup("recipe", help="What is done to each new file of a dataset.")


@source_group.command("list")
def list_command() -> None:
    """List every source: its state, its dataset, its address, and what came of it.

    \b
    Example: portal source list
    """
    show(service.tell_sources(portal))


@source_group.command("run")
@click.argument("source_id", required=False)
def run_command(source_id: str | None) -> None:
    """Fetch an address now, or every address whose hour has come.

    \b
    Example: portal source run
    """
    if source_id is None:
        click.echo(f"{service.run_due(portal)} addresses were read.")
        return
    service.run_source(portal, source_id)
    show(service.tell_sources(portal, source_id))


@recipe_group.command("show")
@click.argument("dataset_id")
def show_command(dataset_id: str) -> None:
    """Print what is done to each new file of a dataset, as JSON.

    \b
    Example: portal recipe show musees
    """
    steps, table_schema = recipes.read_kept(portal, dataset_id)
    click.echo(json.dumps({"steps": steps, "table_schema": table_schema}, ensure_ascii=False, indent=2))


@recipe_group.command("set")
@click.argument("dataset_id")
@click.option("--steps", type=FILE, help="JSON file: a list of steps (docs/transformations.md).")
@click.option("--schema", type=FILE, help="JSON file: a Table Schema.")
def set_command(dataset_id: str, steps: Path | None, schema: Path | None) -> None:
    """Keep what is to be done to each new file of a dataset; what is not given stays as it is.

    \b
    Example: portal recipe set musees --steps steps.json --schema schema.json
    """
    kept_steps, kept_schema = recipes.read_kept(portal, dataset_id)
    recipes.keep_recipe(
        portal,
        dataset_id,
        read_json(steps) if steps else kept_steps,
        read_json(schema) if schema else kept_schema,
    )
    click.echo(f"{dataset_id}: kept. It will be done on the next file.")


def read_json(path: Path) -> list[object]:
    """Return what a JSON file holds. Raises BrokenDescriptor when it is none."""
    try:
        found: list[object] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        expected = Phrase("a JSON document", "un document JSON")
        raise BrokenDescriptor(where=path.name, found=str(error)[:80], expected=expected) from None
    return found
