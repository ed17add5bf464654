"""`portal`: the command line. Each command parses, calls one function of a room, and says what it did."""

import errno
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup, ScriptInfo, with_appcontext

from datasets.disclosure.identifiers import ANSWERS
from datasets.errors import PortalError
from datasets.history.updates import UPDATES
from datasets.publish import publish_catalogue
from portal import create_app
from portal.audience.freeze import freeze
from portal.commands.accounts import accounts_group
from portal.commands.copies import backup_command, restore_command, takeover_command
from portal.commands.datasets import dataset_group, split_names
from portal.commands.domains import domain_group
from portal.commands.keys import keys_group
from portal.commands.sources import recipe_group, source_group
from portal.extensions import portal
from portal.i18n import LANGUAGES
from portal.instance import hold_instance
from portal.privacy.calendar import PARIS
from portal.privacy.erasure import find_stores
from portal.privacy.retention import run_retention
from portal.producers.service import publish_file
from portal.producers.telling import examine
from portal.progress import TerminalProgress, show
from portal.settings import SETTINGS

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


class Instant(click.ParamType):
    """An instant in ISO form; without a zone, it is Paris time."""

    name = "instant"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant that `value` states."""
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} was found, an instant such as 2026-11-22T10:00 is expected", param, ctx)
        return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)


@click.group(cls=AppGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The open-data portal: set it up, publish, serve, and forget in time.

    The environment variable PORTAL_INSTANCE chooses the instance folder (./instance by default);
    `portal settings` lists every other choice.
    """


@cli.command("demo")
@click.option("--size", type=click.Choice(["S", "M", "L"]), default="M", help="Size of the sample.")
@click.option("--seed", type=int, default=32, help="Seed of the sample: the same seed gives the same records.")
@with_appcontext
def demo_command(size: str, seed: int) -> None:
    """Fill a new instance with invented records and three accounts, once.

    \b
    Example: portal demo --size S
    """
    from portal import demo  # a second of imports that other commands do not need

    show(demo.fill(portal, size, seed, TerminalProgress()))


@cli.command("serve")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--demo", "demonstrated", is_flag=True, help="Fill a new instance with the demonstration first.")
@with_appcontext
def serve_command(host: str | None, port: int | None, demonstrated: bool) -> None:
    """Serve the portal until Ctrl-C, with a worker for the queue.

    \b
    Example: portal serve --port 8080
    """
    from portal import demo, serve

    if demonstrated and not demo.is_filled(portal):
        show(demo.fill(portal, "M", 32, TerminalProgress()))
        # A server forks: it starts from a process that has no thread yet.
        os.execv(sys.executable, [sys.executable, "-m", "portal", *sys.argv[1:]])  # noqa: S606
    serve.serve(portal, host or portal.settings.host, port or portal.settings.port)


@cli.command("work")
@with_appcontext
def work_command() -> None:
    """Do the jobs of the queue as they come. `portal serve` starts one of these.

    \b
    Example: portal work
    """
    portal.databases.prepare(["catalogue"])
    publish_catalogue(lambda: portal.databases.session("catalogue"), portal.store, at=portal.clock.now())
    portal.queue.work()


@cli.command("ingest")
@click.argument("file", type=FILE)
@click.option("--id", "dataset_id", required=True, help="Identifier of the dataset: a-z, 0-9 and hyphens.")
@click.option("--title", help="Title of the dataset; the name of the file by default.")
@click.option("--publish", "published", is_flag=True, help="Publish it; otherwise only say what was understood.")
@click.option(
    "--declare",
    multiple=True,
    type=(str, click.Choice(list(ANSWERS))),
    metavar="COLUMN ANSWER",
    help=f"Whose the identifiers of a column are: {', '.join(ANSWERS)}.",
)
@click.option("--update", type=click.Choice(list(UPDATES)), default="replace", help="How rows come to those there.")
@click.option("--key", default="", help="Fields that tell one row from another, separated by commas.")
@with_appcontext
def ingest_command(
    file: Path,
    dataset_id: str,
    title: str | None,
    published: bool,
    declare: tuple[tuple[str, str], ...],
    update: str,
    key: str,
) -> None:
    """Read a file as a dataset, say what was understood, and publish it when asked.

    \b
    Example: portal ingest musees.csv --id musees --title "Musées" --publish
    """
    portal.databases.prepare(["catalogue"])
    with hold_instance(portal.settings.instance, "publishing"):
        answers, names = dict(declare), split_names(key)
        show(
            publish_file(
                portal, file, dataset_id, title=title, published=published, answers=answers, update=update, key=names
            )
        )


for group in (
    *(dataset_group, source_group, recipe_group, keys_group, domain_group),
    *(backup_command, restore_command, takeover_command),
):
    cli.add_command(group)
programming_group = AppGroup("programming", help="Private programming records: invent some, publish what is safe.")
territories_group = AppGroup("territories", help="The territories: their hierarchy and contours.")
retention_group = AppGroup("retention", help="What must be forgotten, and when.")
audience_group = AppGroup("audience", help="The measure of the audience.")
disclosure_group = AppGroup("disclosure", help="What a publication would tell of persons and organisations.")
for group in (
    *(programming_group, territories_group, accounts_group, retention_group, audience_group, disclosure_group),
):
    cli.add_command(group)


@programming_group.command("sample")
@click.argument("folder", type=FOLDER)
@click.option("--size", type=click.Choice(["S", "M", "L"]), default="M", help="2,000, 200,000 or 20 million rows.")
@click.option("--seed", type=int, default=32, help="The same seed gives the same bytes.")
def sample_command(folder: Path, size: str, seed: int) -> None:
    """Write invented programming records and their expected truth into FOLDER.

    \b
    Example: portal programming sample --size S --seed 32 /tmp/sample
    """
    from portal import programming

    show(programming.sample(portal, folder, size, seed, TerminalProgress()))


@programming_group.command("trim")
def trim_command() -> None:
    """Take the weeks that are over out of the published calendar of open slots: to be run every Monday.

    \b
    Example: portal programming trim
    """
    from portal import openings

    portal.databases.prepare(["catalogue"])
    with hold_instance(portal.settings.instance, "publishing"):
        show(openings.trim(portal))


@programming_group.command("publish")
@click.argument("folder", type=FOLDER)
@click.option("--report", type=FILE, help="Where to write the row report (CSV).")
def publish_command(folder: Path, report: Path | None) -> None:
    """Turn the private records of FOLDER into protected datasets, and publish them together.

    \b
    Example: portal programming publish /tmp/sample --report /tmp/report.csv
    """
    from portal import programming

    portal.databases.prepare(["catalogue", "accounts"])
    with hold_instance(portal.settings.instance, "publishing"):
        show(programming.publish_records(portal, folder, TerminalProgress(), report=report))


@territories_group.command("load")
@click.argument("file", type=FILE)
@click.option(
    "--level", type=click.Choice(["region", "departement", "epci", "commune"]), help="When FILE is ambiguous."
)
def load_command(file: Path, level: str | None) -> None:
    """Load better contours (GeoJSON) or positions of communes (CSV) into the instance.

    \b
    Example: portal territories load epci.geojson
    """
    from portal import programming

    with hold_instance(portal.settings.instance, "publishing"):
        show(programming.load(portal, file, level))


@retention_group.command("run")
@click.option("--at", type=Instant(), help="As if it were that instant; now by default.")
@click.option("--trust-clock", "trusted", is_flag=True, help="The clock is right, whatever was stamped lately.")
def retention_command(at: datetime | None, trusted: bool) -> None:
    """Erase what is due, and say what was erased.

    \b
    Example: portal retention run
    """
    click.echo(run_retention(find_stores(portal), at or portal.clock.now(), trusted=trusted))


@audience_group.command("freeze")
@click.option("--at", type=Instant(), help="As if it were that instant; now by default.")
def freeze_command(at: datetime | None) -> None:
    """Anonymise the audience events that are due, and prove that nothing older keeps an identifier.

    \b
    Example: portal audience freeze --at 2026-12-01
    """
    click.echo(freeze(portal.databases, at or portal.clock.now()))


@disclosure_group.command("identifiers")
@click.argument("file", type=FILE, required=False)
@click.option("--measure", "measured", is_flag=True, help="Measure the detectors on invented rows instead.")
@click.option("--seed", type=int, multiple=True, help="Seed of the invented rows; may be repeated.")
def identifiers_command(file: Path | None, measured: bool, seed: tuple[int, ...]) -> None:
    """Say which columns of FILE name persons, on all of its cells; examples are masked.

    \b
    Example: portal disclosure identifiers adherents.csv
    """
    from datasets.disclosure.identifiers import measure  # invented rows that other commands do not need

    if not measured and file is None:
        raise click.UsageError("FILE is missing; give one, or --measure.")
    show(measure.report(seed or measure.SEEDS) if file is None or measured else examine(file))


@disclosure_group.command("compare")
@click.argument("old")
@click.argument("new")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", help="Language of the answer.")
def compare_command(old: str, new: str, lang: str) -> None:
    """Say what a reader of two releases learns: figures that moved, cells shown or hidden since.

    OLD and NEW are files of a protected dataset (CSV or Parquet), or DATASET for its current version, or
    DATASET/VERSION.

    \b
    Example: portal disclosure compare economies-ges/20261122T083038Z-e60e13bc economies-ges
    """
    from portal import disclosure  # the tools of analysis that other commands do not need

    show(disclosure.compare_releases(portal, old, new, lang))


@disclosure_group.command("report")
@click.argument("dataset")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", help="Language of the report.")
def disclosure_report_command(dataset: str, lang: str) -> None:
    """Say what DATASET (or DATASET/VERSION) hides and why, what it costs, what to merge, and what was tried.

    \b
    Example: portal disclosure report economies-ges --lang fr
    """
    from portal import disclosure

    show(disclosure.report(portal, dataset, lang))


@disclosure_group.command("lock")
@click.argument("dataset")
@click.argument("level")
@click.argument("code")
@click.argument("period")
@click.option("--reason", required=True, help="Why it may no longer be told; readers see it.")
def lock_command(dataset: str, level: str, code: str, period: str, reason: str) -> None:
    """Hide a released cell of DATASET, and what would tell it, in all the datasets of its source.

    \b
    Example: portal disclosure lock economies-ges departement 32 2025-T2 --reason "Under correction"
    """
    from portal import disclosure

    with hold_instance(portal.settings.instance, "publishing"):
        show(disclosure.lock(portal, dataset, (level, code, period), reason))


@cli.command("settings")
def settings_command() -> None:
    """List every setting, its value and its meaning; secrets are not shown.

    \b
    Example: PORTAL_PORT=8080 portal settings
    """
    for setting in SETTINGS:
        value = getattr(portal.settings, setting.name)
        click.echo(f"{setting.variable:28} {'(secret)' if setting.secret else value}")
        click.echo(f"{'':28} {setting.fr} — {setting.en}")


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status: 0, or 2 with one line on the error output."""
    try:
        cli.main(list(arguments), prog_name="portal", standalone_mode=False, obj=ScriptInfo(create_app=create_app))
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "portal"
        return fail(f"{error.format_message()} See `{where} --help`.")
    except PortalError as error:
        return fail(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return fail("The disk is full: free some space, then start again. Nothing half-done is visible.")
        return fail(f"{error.filename or 'The machine'}: {error.strerror or error}.")
    except (click.Abort, KeyboardInterrupt):
        return fail("Stopped. Nothing half-done is visible.")
    return 0


def fail(line: str) -> int:
    """Print one line on the error output and return the exit status of a failure."""
    click.echo(f"portal: {line}", err=True)
    return 2


def main() -> None:
    """Run `portal`."""
    sys.exit(run(sys.argv[1:]))
