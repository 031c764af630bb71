"""What the matcher remembers, and the ways in which an order finds a team."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("how", sa.String(length=32), server_default="by_hand", nullable=False))
        batch_op.add_column(sa.Column("price", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("run_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_column("run_id")
        batch_op.drop_column("price")
        batch_op.drop_column("how")
