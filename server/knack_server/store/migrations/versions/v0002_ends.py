"""Events end, and lobbies are closed again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add when, and where in the sequence of facts."""
    op.add_column("events", sa.Column("ended_at_ms", sa.BigInteger))
    op.add_column("events", sa.Column("ended_position", sa.BigInteger))
    op.add_column("heats", sa.Column("closed_at_ms", sa.BigInteger))
    op.add_column("heats", sa.Column("closed_position", sa.BigInteger))
