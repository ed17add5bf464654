"""Make room for datasets and versions."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "dataset",
        sa.Column("dataset_id", sa.String(length=200), nullable=False),
        sa.Column("dataset_uid", sa.String(length=32), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("current_version", sa.String(length=64), nullable=True),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("dataset_id"),
        sa.UniqueConstraint("dataset_uid"),
    )
    op.create_table(
        "dataset_alias",
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("dataset_id", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["dataset.dataset_id"],
        ),
        sa.PrimaryKeyConstraint("alias"),
    )
    op.create_table(
        "version",
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("dataset_id", sa.String(length=200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["dataset.dataset_id"],
        ),
        sa.PrimaryKeyConstraint("version_id", "dataset_id"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("version")
    op.drop_table("dataset_alias")
    op.drop_table("dataset")
