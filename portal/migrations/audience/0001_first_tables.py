"""Make room for events and for what they become."""

import sqlalchemy as sa
from alembic import op

revision = "audience_0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("referrer", sa.String(length=16), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_day", "event", ["day"], unique=False)
    op.create_table(
        "freeze",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("frozen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month"),
    )
    op.create_table(
        "frozen_count",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cube", sa.String(length=16), nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "cube", "dataset", "value"),
    )
    op.create_table(
        "tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("tally")
    op.drop_table("frozen_count")
    op.drop_table("freeze")
    op.drop_index("ix_event_day", table_name="event")
    op.drop_table("event")
