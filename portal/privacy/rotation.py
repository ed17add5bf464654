"""Turning the master keys: a new one wraps every person's key, and the older ones are forgotten later."""

from collections.abc import Iterator

from portal.accounts.service import index_anew
from portal.privacy.erasure import Stores
from portal.vault.keyring import add_key, drop_older


def rotate(stores: Stores) -> Iterator[str]:
    """Add a master key, wrap every key of a person by it, write every index anew; yield what was done.

    The portal serves meanwhile. Stopped at any instant, it is done again: it ends what was left. The older keys
    stay, for what was being written as the keys turned; `forget` drops them.
    """
    ring = add_key(stores.settings.master_key)
    yield f"master key {ring.newest}: {stores.vault.wrap_anew():,} keys wrapped"
    yield f"{index_anew(stores.databases, stores.vault):,} addresses indexed"


def forget(stores: Stores) -> Iterator[str]:
    """Drop the older master keys once nothing needs them; yield which stay."""
    vault = stores.vault
    vault.wrap_anew()
    index_anew(stores.databases, vault)
    ring = drop_older(stores.settings.master_key, kept=vault.list_versions())
    yield f"master keys that stay: {', '.join(str(version) for version in sorted(ring.keys))}"
