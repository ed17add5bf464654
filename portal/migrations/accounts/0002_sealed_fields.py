"""Seal what persons say of themselves: no column holds a readable address or name any more.

Accounts that were made before the first release are closed: their readable values must not stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0002"
down_revision = "accounts_0001"

SEALED = sa.LargeBinary
READABLE = {"email": sa.String(length=254), "given_name": sa.String(length=100), "family_name": sa.String(length=100)}


def upgrade() -> None:
    """Apply."""
    _drop_tables()
    _create_tables(
        sa.Column("email_index", sa.String(length=64), nullable=False),
        *(sa.Column(name, SEALED(), nullable=False) for name in READABLE),
        sa.Column("second_factor", SEALED(), nullable=True),
        sa.Column("last_code", sa.Integer(), nullable=False),
        sa.Column("role_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transparency", sa.String(length=8), nullable=False),
        sa.Column("noticed", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("email_index"),
    )


def downgrade() -> None:
    """Undo: accounts are closed again, because sealed values cannot be opened here."""
    _drop_tables()
    columns = (sa.Column(name, kind, nullable=False) for name, kind in READABLE.items())
    _create_tables(*columns, sa.UniqueConstraint("email"))


def _drop_tables() -> None:
    op.drop_table("session")
    op.drop_table("account")


def _create_tables(*own: sa.Column | sa.UniqueConstraint) -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=False),
        *own,
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_account_last_sign_in", "account", ["last_sign_in"], unique=False)
    op.create_table(
        "session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_index("ix_session_expires", "session", ["expires"], unique=False)
