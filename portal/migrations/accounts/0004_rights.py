"""Make room for requests about rights, and for accounts that are kept and not used."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0004"
down_revision = "accounts_0003"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "request",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("right", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("clerk", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("doubt", sa.LargeBinary(), nullable=True),
        sa.Column("doubted", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("verified", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alarms", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("reasons", sa.LargeBinary(), nullable=True),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("reference"),
    )
    for column in ("account_id", "due", "answered"):
        op.create_index(f"ix_request_{column}", "request", [column], unique=False)
    op.create_table(
        "lock",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("motive", sa.LargeBinary(), nullable=False),
        sa.Column("erasure", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "ground"),
    )
    op.create_index("ix_lock_until", "lock", ["until"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("lock")
    op.drop_table("request")
