"""Make room for the keys of persons."""

import sqlalchemy as sa
from alembic import op

revision = "keys_0002"
down_revision = "keys_0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "data_key",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_data_key_version", "data_key", ["version"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_data_key_version", table_name="data_key")
    op.drop_table("data_key")
