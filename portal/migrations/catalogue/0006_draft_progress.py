"""Let a draft tell how much of its present step is done."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0006"
down_revision = "catalogue_0005"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("draft") as draft:
        draft.add_column(sa.Column("done", sa.BigInteger(), nullable=False, server_default="0"))
        draft.add_column(sa.Column("total", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("draft") as draft:
        draft.drop_column("done")
        draft.drop_column("total")
