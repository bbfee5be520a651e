"""The log stands in the order of everything, so that a commit appends to it and touches no other page."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Say of each ended run where its log ends, and write the log anew in the order of positions."""
    op.add_column("runs", sa.Column("last_position", sa.BigInteger))
    op.execute(
        "UPDATE runs SET last_position = (SELECT max(log.position) FROM log WHERE log.run = runs.run)"
        " WHERE ended_position IS NOT NULL"
    )
    op.execute("CREATE TABLE log_by_run AS SELECT * FROM log")
    op.drop_table("log")
    op.create_table(
        "log",
        sa.Column("run", sa.String, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary(64), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        sa.PrimaryKeyConstraint("position", name="pk_log"),
        sa.ForeignKeyConstraint(["run"], ["runs.run"], name="fk_log_run"),
    )
    columns = "run, seq, payload, hash, position"
    op.execute(f"INSERT INTO log ({columns}) SELECT {columns} FROM log_by_run ORDER BY position")  # noqa: S608
    op.drop_table("log_by_run")
