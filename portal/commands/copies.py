"""`portal backup`, `portal restore`, `portal takeover`: copies of an installation, and of a person."""

import os
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal import backup, create_app
from portal.extensions import portal
from portal.privacy.erasure import find_stores
from portal.progress import show
from portal.settings import load_settings

FOLDER = click.Path(path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("folder", type=FOLDER)
@with_appcontext
def backup_command(folder: Path) -> None:
    """Copy the installation into a new FOLDER, while it serves. The master key is never copied.

    \b
    Example: portal backup /srv/copies/2026-11-22
    """
    show(backup.back_up(portal, folder, portal.clock.now()))


@click.command("restore")
@click.argument("folder", type=FOLDER)
@click.option("--erased", type=FILE, help="erased.jsonl of the lost installation, when it is newer than the copy.")
@click.option("--opposed", type=FILE, help="opposed.jsonl of the lost installation, when it is newer than the copy.")
def restore_command(folder: Path, erased: Path | None, opposed: Path | None) -> None:
    """Put the copy of FOLDER into a new instance, after every byte of it was checked, and erase again whom it forgot.

    Put master.key in the instance first, or name it by PORTAL_MASTER_KEY.

    \b
    Example: portal restore /srv/copies/2026-11-22
    """
    backup.put_back(folder, load_settings(os.environ).instance)
    app = create_app()
    with app.app_context():
        portal.databases.migrate()
        show(backup.replay(portal, erased, opposed))


@click.command("takeover")
@click.argument("file", type=FILE)
@with_appcontext
def takeover_command(file: Path) -> None:
    """Make an account of the copy that a person took from another installation; they choose a password by a letter.

    \b
    Example: portal takeover copie-2026-11-22.zip
    """
    from portal.privacy.takeover import take_over  # passkeys and photos, which other commands do not need

    made = take_over(find_stores(portal), file.read_bytes(), at=portal.clock.now())
    click.echo(f"An account was made for {made.email}; its person chooses a password at /login/forgotten/.")
