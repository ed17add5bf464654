"""Make room for the journal of sign-ins and acts."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0003"
down_revision = "accounts_0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "act",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_act_instant", "act", ["instant"], unique=False)
    op.create_index("ix_act_person", "act", ["person"], unique=False)
    op.create_table(
        "chain",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("chain")
    op.drop_table("act")
