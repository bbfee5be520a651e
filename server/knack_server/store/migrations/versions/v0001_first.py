"""The first schema: events, players, runs and their logs, acts, contact requests, desk tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "events",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("added_at_ms", sa.BigInteger, nullable=False),
        sa.Column("runs_max", sa.Integer),
        sa.Column("added_position", sa.BigInteger, nullable=False),
        sa.Column("current_position", sa.BigInteger),
        sa.PrimaryKeyConstraint("event", name="pk_events"),
    )
    op.create_table(
        "players",
        sa.Column("player", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("skeleton", sa.String, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("joined_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.Column("joined_position", sa.BigInteger, nullable=False),
        sa.Column("ended_position", sa.BigInteger),
        sa.PrimaryKeyConstraint("player", name="pk_players"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_players_event"),
        sa.UniqueConstraint("event", "skeleton", name="uq_players_event_skeleton"),
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("player", sa.String, nullable=False),
        sa.Column("course", sa.String, nullable=False),
        sa.Column("heat", sa.String, nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("prepared_at_ms", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.LargeBinary(16)),
        sa.Column("t0_unix_ms", sa.BigInteger),
        sa.Column("started_at_ms", sa.BigInteger),
        sa.Column("grace_ms", sa.SmallInteger),
        sa.Column("clock_ms", sa.BigInteger),
        sa.Column("score", sa.BigInteger),
        sa.Column("scored_at_ms", sa.BigInteger),
        sa.Column("moves", sa.BigInteger),
        sa.Column("end_reason", sa.SmallInteger),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.Column("prepared_position", sa.BigInteger, nullable=False),
        sa.Column("started_position", sa.BigInteger),
        sa.Column("begun_position", sa.BigInteger),
        sa.Column("ended_position", sa.BigInteger),
        sa.PrimaryKeyConstraint("run", name="pk_runs"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_runs_event"),
        sa.ForeignKeyConstraint(["player"], ["players.player"], name="fk_runs_player"),
    )
    op.create_index("ix_runs_event_course_started_position", "runs", ["event", "course", "started_position"])
    op.create_table(
        "log",
        sa.Column("run", sa.String, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary(64), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run", "seq", name="pk_log"),
        sa.ForeignKeyConstraint(["run"], ["runs.run"], name="fk_log_run"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heats",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("heat", sa.String, nullable=False),
        sa.Column("course", sa.String, nullable=False),
        sa.Column("scope", sa.SmallInteger, nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("prepared_at_ms", sa.BigInteger, nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger),
        sa.Column("roster_hash", sa.LargeBinary(32)),
        sa.Column("frozen_at_ms", sa.BigInteger),
        sa.Column("public", sa.LargeBinary(4096)),
        sa.Column("typed_at_ms", sa.BigInteger),
        sa.Column("t0_unix_ms", sa.BigInteger),
        sa.Column("started_at_ms", sa.BigInteger),
        sa.Column("interrupted_at_ms", sa.BigInteger),
        sa.Column("over_at_ms", sa.BigInteger),
        sa.Column("prepared_position", sa.BigInteger, nullable=False),
        sa.Column("opened_position", sa.BigInteger),
        sa.Column("frozen_position", sa.BigInteger),
        sa.Column("typed_position", sa.BigInteger),
        sa.Column("started_position", sa.BigInteger),
        sa.Column("interrupted_position", sa.BigInteger),
        sa.Column("over_position", sa.BigInteger),
        sa.PrimaryKeyConstraint("event", "heat", name="pk_heats"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_heats_event"),
    )
    op.create_table(
        "commitments",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_commitments"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_commitments_event"),
    )
    op.create_table(
        "lobby",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("heat", sa.String, nullable=False),
        sa.Column("player", sa.String, nullable=False),
        sa.Column("is_in", sa.Boolean, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_lobby"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_lobby_event"),
        sa.ForeignKeyConstraint(["player"], ["players.player"], name="fk_lobby_player"),
    )
    op.create_table(
        "digests",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("heat", sa.String, nullable=False),
        sa.Column("k", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("event", "heat", "k", name="pk_digests"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_digests_event"),
    )
    op.create_table(
        "acts",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("desk", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("event", "number", name="pk_acts"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_acts_event"),
    )
    op.create_table(
        "contacts",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("contact", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("last_name", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("concern", sa.String, nullable=False),
        sa.Column("done_at_ms", sa.BigInteger),
        sa.Column("done_by", sa.String),
        sa.PrimaryKeyConstraint("number", name="pk_contacts"),
        sa.UniqueConstraint("contact", name="uq_contacts_contact"),
        sa.ForeignKeyConstraint(["event"], ["events.event"], name="fk_contacts_event"),
    )
    op.create_index("ix_contacts_asked_at_ms", "contacts", ["asked_at_ms"])
    op.create_table(
        "desk_tokens",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("added_at_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger),
        sa.Column("added_position", sa.BigInteger, nullable=False),
        sa.Column("revoked_position", sa.BigInteger),
        sa.PrimaryKeyConstraint("token_hash", name="pk_desk_tokens"),
    )
    good = sa.text("revoked_at_ms IS NULL")
    op.create_index(
        "ix_desk_tokens_name_good",
        "desk_tokens",
        ["name"],
        unique=True,
        sqlite_where=good,
        postgresql_where=good,
    )
