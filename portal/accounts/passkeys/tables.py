"""What the `accounts` database keeps of passkeys and of recovery codes."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.tables import AccountsBase
from portal.databases import Instant


class PasskeyRow(AccountsBase):
    """A passkey: what its device calls it (`credential`, found by its hash `id`), and the public key that it signs for.

    `name` is sealed; `counter` is the device's own count of signatures, `last_used` refuses a signature shown twice.
    """

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    counter: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime] = mapped_column(Instant)
    last_used: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryRow(AccountsBase):
    """A recovery code that was not used yet: its hash, never the code."""

    __tablename__ = "recovery"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
