"""Make room for the drafts of producers."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0002"
down_revision = "catalogue_0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "draft",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("dataset_id", sa.String(length=100), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("understood", sa.JSON(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
    )
    op.create_index("ix_draft_owner", "draft", ["owner"])
    op.create_index("ix_draft_dataset_id", "draft", ["dataset_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("draft")
