"""Let a draft hold the transformations that its publication will keep for the dataset."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0005"
down_revision = "catalogue_0004"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("draft") as draft:
        draft.add_column(sa.Column("steps", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("draft") as draft:
        draft.drop_column("steps")
