"""What persons confide is sealed: a key for each person, in the `keys` database, wrapped by a master key outside.

Destroying somebody's key makes everything sealed for them unreadable, in the databases and in their old backups, as
soon as no backup of the keys holds it any more.
"""

from portal.vault.keyring import Keyring, KeyringFile
from portal.vault.service import DataKey, Vault

__all__ = ["DataKey", "Keyring", "KeyringFile", "Vault"]
