"""`portal keys`: turning the master keys, which open the keys of persons."""

import click
from flask.cli import with_appcontext

from portal.extensions import portal
from portal.privacy.erasure import find_stores
from portal.privacy.rotation import forget, rotate
from portal.progress import show


@click.group("keys")
def keys_group() -> None:
    """The master keys, which open the keys of persons."""


@keys_group.command("rotate")
@with_appcontext
def rotate_command() -> None:
    """Make a new master key and wrap by it the key of every person, while the portal serves.

    \b
    Example: portal keys rotate
    """
    show(rotate(find_stores(portal)))


@keys_group.command("forget")
@with_appcontext
def forget_command() -> None:
    """Drop the older master keys that wrap nothing any more: copies of the keys from before open nothing.

    \b
    Example: portal keys forget
    """
    show(forget(find_stores(portal)))
