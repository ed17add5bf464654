"""Make room for passkeys, recovery codes, consents, organisations, and what a person may say of themselves."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "accounts_0005"
down_revision = "accounts_0004"

PROFILE = ("phone", "profession", "workplace", "postal_address")


def upgrade() -> None:
    """Apply."""
    for name in PROFILE:
        op.add_column("account", sa.Column(name, sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("role_noticed", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "photo",
        _of_account(primary_key=True),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(length=64), primary_key=True),
        _of_account(index=True),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table("recovery", sa.Column("digest", sa.String(length=64), primary_key=True), _of_account(index=True))
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), primary_key=True),
        _of_account(index=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=8), nullable=False),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("name", sa.String(length=200), nullable=False, unique=True),
        sa.Column("programmer", sa.String(length=64), nullable=True, unique=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "membership",
        _of_account(primary_key=True),
        sa.Column(
            "organisation_id", sa.String(length=32), sa.ForeignKey("organisation.id"), nullable=False, index=True
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("membership", "organisation", "consent", "recovery", "passkey", "photo"):
        op.drop_table(table)
    for name in ("role_noticed", *PROFILE):
        op.drop_column("account", name)


def _of_account(**options: Any) -> sa.Column[str]:
    owner = sa.ForeignKey("account.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.String(length=32), owner, nullable=False, **options)
