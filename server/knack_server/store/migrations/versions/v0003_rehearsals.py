"""Events have a kind, and rehearsals are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what kind each is (every event so far is live), and where in the sequence of facts it was deleted."""
    op.add_column("events", sa.Column("kind", sa.String, nullable=False, server_default="live"))
    op.add_column("events", sa.Column("deleted_position", sa.BigInteger))
