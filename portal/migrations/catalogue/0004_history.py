"""Make room for withdrawn versions, for what is replayed on each new file, for sources and for pushes."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0004"
down_revision = "catalogue_0003"


def upgrade() -> None:
    """Apply."""
    op.add_column("version", sa.Column("withdrawn_reason", sa.String(length=500), nullable=True))
    op.create_table(
        "recipe",
        sa.Column("dataset_id", sa.String(length=100), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("table_schema", sa.JSON(), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id"),
    )
    op.create_table(
        "source",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("dataset_id", sa.String(length=100), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("update", sa.String(length=16), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_index("ix_source_dataset_id", "source", ["dataset_id"])
    op.create_index("ix_source_owner", "source", ["owner"])
    op.create_table(
        "push",
        sa.Column("dataset_id", sa.String(length=100), nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "request_key"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("push")
    op.drop_table("source")
    op.drop_table("recipe")
    with op.batch_alter_table("version") as table:
        table.drop_column("withdrawn_reason")
