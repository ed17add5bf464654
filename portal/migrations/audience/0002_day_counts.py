"""Make room for the counts of a day, which its events become as soon as it is over."""

import sqlalchemy as sa
from alembic import op

revision = "audience_0002"
down_revision = "audience_0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "day_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cube", sa.String(length=16), nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "cube", "dataset", "value"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("day_count")
