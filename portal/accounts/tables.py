"""What the `accounts` database keeps of a person who signs up: personal values are sealed (see `portal.vault`)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.databases import Instant

ROLES = ("beneficiary", "producer", "officer")


class AccountsBase(DeclarativeBase):
    """The tables of the `accounts` database."""


class AccountRow(AccountsBase):
    """A person's account: a closed list of fields (policy A3), and nothing else.

    `email_index` is the blind index by which an address is found; `second_factor` the sealed secret of the codes that
    an authenticator shows, `last_code` the time step of the last one used; `role_until` when a grant of the role
    ends and `role_noticed` when its end was told; `noticed` when the person was last told that the account will be
    erased. What is filled in by those who wish (telephone, profession…) is sealed as names are.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email_index: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[bytes] = mapped_column(LargeBinary)
    password: Mapped[str] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(String(16))
    role_until: Mapped[datetime | None] = mapped_column(Instant)
    role_noticed: Mapped[datetime | None] = mapped_column(Instant)
    given_name: Mapped[bytes] = mapped_column(LargeBinary)
    family_name: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    profession: Mapped[bytes | None] = mapped_column(LargeBinary)
    workplace: Mapped[bytes | None] = mapped_column(LargeBinary)
    postal_address: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(2))
    created: Mapped[datetime] = mapped_column(Instant)
    last_sign_in: Mapped[datetime] = mapped_column(Instant, index=True)
    noticed: Mapped[datetime | None] = mapped_column(Instant)
    transparency: Mapped[str] = mapped_column(String(8), default="limited")
    second_factor: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_code: Mapped[int] = mapped_column(default=0)
    sessions: Mapped[list["SessionRow"]] = relationship(back_populates="account", passive_deletes=True)
    passkeys: Mapped[list["PasskeyRow"]] = relationship(passive_deletes=True, order_by="PasskeyRow.created")


class SessionRow(AccountsBase):
    """One browser that is signed in: the hash of its random token, never the token."""

    __tablename__ = "session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime] = mapped_column(Instant, index=True)
    account: Mapped[AccountRow] = relationship(back_populates="sessions")


class PhotoRow(AccountsBase):
    """A person's photo, made anew without what the camera wrote in it, and sealed."""

    __tablename__ = "photo"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    image: Mapped[bytes] = mapped_column(LargeBinary)
    modified: Mapped[datetime] = mapped_column(Instant)


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
