"""Make room for the five steps of the desk: where a draft is, how its file is read, its fixes and its review."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0003"
down_revision = "catalogue_0002"


def columns() -> tuple[sa.Column, ...]:
    """Return what a draft holds from now on."""
    return (
        sa.Column("stage", sa.String(length=16), nullable=False, server_default="reading"),
        sa.Column("mode", sa.String(length=16), nullable=False, server_default="replace"),
        sa.Column("rows_read", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("reading", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("fixes", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("review", sa.JSON(), nullable=False, server_default="{}"),
    )


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("draft") as draft:
        for column in columns():
            draft.add_column(column)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("draft") as draft:
        for column in columns():
            draft.drop_column(column.name)
