"""`portal dataset`: the published datasets and their versions."""

import click
from flask.cli import AppGroup

from portal import history
from portal.extensions import portal
from portal.instance import hold_instance
from portal.progress import show

dataset_group = AppGroup("dataset", help="The published datasets: their versions, going back, withdrawing, renaming.")


@dataset_group.command("list")
def list_command() -> None:
    """List the datasets that are served.

    \b
    Example: portal dataset list
    """
    show(history.tell_datasets(portal))


@dataset_group.command("versions")
@click.argument("dataset_id")
def versions_command(dataset_id: str) -> None:
    """List the versions of a dataset, the newest first.

    \b
    Example: portal dataset versions musees
    """
    show(history.tell_versions(portal, dataset_id))


@dataset_group.command("diff")
@click.argument("dataset_id")
@click.argument("before")
@click.argument("after")
@click.option("--key", default="", help="Fields that tell one row from another, separated by commas.")
def diff_command(dataset_id: str, before: str, after: str, key: str) -> None:
    """Say what changed between two versions: fields, the queries that break, and rows.

    \b
    Example: portal dataset diff musees 20261101T080000Z-1a2b3c4d 20261122T080000Z-5e6f7a8b --key code
    """
    show(history.tell_differences(portal, dataset_id, before, after, split_names(key)))


@dataset_group.command("restore")
@click.argument("dataset_id")
@click.argument("version_id")
def restore_command(dataset_id: str, version_id: str) -> None:
    """Serve an older version of a dataset again, withdrawn or not.

    \b
    Example: portal dataset restore musees 20261101T080000Z-1a2b3c4d
    """
    with hold_instance(portal.settings.instance, "publishing"):
        show(history.go_back(portal, dataset_id, version_id))


@dataset_group.command("withdraw")
@click.argument("dataset_id")
@click.option("--reason", required=True, help="Why, in words that readers will see.")
@click.option("--version", "version_id", help="Withdraw that version alone; it must not be the current one.")
def withdraw_command(dataset_id: str, reason: str, version_id: str | None) -> None:
    """Stop serving a dataset, or one of its versions; its addresses answer 410 and the reason.

    \b
    Example: portal dataset withdraw musees --reason "Remplacé par musees-de-france"
    """
    with hold_instance(portal.settings.instance, "publishing"):
        show(history.take_away(portal, dataset_id, reason, version_id))


@dataset_group.command("rename")
@click.argument("former")
@click.argument("dataset_id")
def rename_command(former: str, dataset_id: str) -> None:
    """Give a dataset another identifier; its former addresses lead to the new ones.

    \b
    Example: portal dataset rename musees musees-de-france
    """
    with hold_instance(portal.settings.instance, "publishing"):
        show(history.give_name(portal, former, dataset_id))


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a list separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
