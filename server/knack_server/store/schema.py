"""Every table and column, with its purpose; for personal data also the legal basis and how long it is kept.

COLUMNS.md beside this file is the same as a page (the data map for whoever is responsible for data protection), and a
test compares the two. The tables hold facts: rows are added, and updated only where a later fact of the same life fills
a column that was empty. What a column may be NULL for is said where it can.

*Position* is the place of a fact in the one global sequence of all facts; the state is folded in this order, so that a
restart repeats exactly what happened, whatever the wall clock did meanwhile.
"""

from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

PLAYING = "Art. 6(1)(b) GDPR: taking part in the competition"
ANSWERING = "Art. 6(1)(b) GDPR: answering the request"
ACCOUNTING = "Art. 6(1)(f) GDPR: decisions on results can be accounted for"

WITH_RESULTS = "as long as the event's results"
UNTIL_DUE = "180 days unless set otherwise, then deleted by the daily job"


def _column(
    name: str,
    kind: TypeEngine[Any] | type[TypeEngine[Any]],
    purpose: str,
    *constraints: ForeignKey,
    nullable: bool = False,
    autoincrement: Literal["auto"] | bool = "auto",
    basis: str = "",
    kept: str = "",
) -> Column[Any]:
    """Return a column; one with a `basis` holds personal data and says how long."""
    assert bool(basis) == bool(kept), "personal data has a basis and an end"
    comment = f"{purpose}. Personal; {basis}; kept {kept}." if basis else f"{purpose}."
    info = {"purpose": purpose, "basis": basis, "kept": kept}
    return Column(
        name,
        kind,
        *constraints,
        nullable=nullable,
        autoincrement=autoincrement,
        comment=comment,
        info=info,
    )


events = Table(
    "events",
    metadata,
    _column("event", String, "Id of a competition"),
    _column("title", String, "What the pages call it"),
    _column("added_at_ms", BigInteger, "When it was added, Unix ms"),
    _column("runs_max", Integer, "Runs a player may start; NULL is without limit", nullable=True),
    _column("added_position", BigInteger, "Position of EventAdded"),
    _column(
        "current_position",
        BigInteger,
        "Position of EventMadeCurrent; the greatest of all is the current event",
        nullable=True,
    ),
    _column("ended_at_ms", BigInteger, "When it was ended, Unix ms; NULL until then", nullable=True),
    _column("ended_position", BigInteger, "Position of EventEnded", nullable=True),
    _column("kind", String, "live, or rehearsal: one that is deleted whole"),
    _column(
        "deleted_position",
        BigInteger,
        "Position of RehearsalDeleted: from here on nothing of the event is read any more, and its rows are erased",
        nullable=True,
    ),
    PrimaryKeyConstraint("event"),
    comment="Competitions.",
)

players = Table(
    "players",
    metadata,
    _column("player", String, "Random id of a person in one event; says nothing about the person"),
    _column("event", String, "The event they joined", ForeignKey("events.event")),
    _column(
        "name", String, "What the standings call them, NFC; empty once erased", basis=PLAYING, kept=UNTIL_DUE
    ),
    _column(
        "skeleton",
        String,
        "Confusable form of the name: nobody can pose as somebody else",
        basis=PLAYING,
        kept=UNTIL_DUE,
    ),
    _column(
        "token_hash",
        LargeBinary(32),
        "SHA-256 of the session's token, by which a device comes back; empty once erased",
        basis=PLAYING,
        kept=UNTIL_DUE,
    ),
    _column("joined_at_ms", BigInteger, "When they joined, Unix ms", basis=PLAYING, kept=WITH_RESULTS),
    _column(
        "ended_at_ms", BigInteger, "When the session ended, Unix ms; NULL while it is open", nullable=True
    ),
    _column("joined_position", BigInteger, "Position of PlayerJoined"),
    _column("ended_position", BigInteger, "Position of SessionEnded", nullable=True),
    PrimaryKeyConstraint("player"),
    UniqueConstraint("event", "skeleton"),
    comment="People in an event, and the one session each of them has.",
)

runs = Table(
    "runs",
    metadata,
    _column("run", String, "Id of one player's play of one course"),
    _column("event", String, "The event it counts in", ForeignKey("events.event")),
    _column("player", String, "Who plays", ForeignKey("players.player")),
    _column("course", String, "The course that is played"),
    _column("heat", String, "The heat that it is a part of; empty in open play"),
    _column("commitment", LargeBinary(32), "What the server committed to before the device chose its nonce"),
    _column("prepared_at_ms", BigInteger, "When it was prepared, Unix ms"),
    _column(
        "nonce",
        LargeBinary(16),
        "What the device chose, empty in a heat; NULL until it was started",
        nullable=True,
    ),
    _column("t0_unix_ms", BigInteger, "T0 by the wall clock; NULL until it was started", nullable=True),
    _column("started_at_ms", BigInteger, "When the start was accepted, Unix ms", nullable=True),
    _column("grace_ms", SmallInteger, "Credit for the line, 0 to 250; NULL until T0", nullable=True),
    _column("clock_ms", BigInteger, "The last mark of the run's clock; NULL before the first", nullable=True),
    _column("score", BigInteger, "Points and bonuses; NULL until it ended", nullable=True),
    _column(
        "scored_at_ms",
        BigInteger,
        "t_eff of the move that reached the score; NULL until it ended",
        nullable=True,
    ),
    _column("moves", BigInteger, "Legal moves; NULL until it ended", nullable=True),
    _column("end_reason", SmallInteger, "The reason of END in the log; NULL until it ended", nullable=True),
    _column("ended_at_ms", BigInteger, "When it ended, Unix ms; NULL until then", nullable=True),
    _column("prepared_position", BigInteger, "Position of RunPrepared"),
    _column("started_position", BigInteger, "Position of RunStarted", nullable=True),
    _column("begun_position", BigInteger, "Position of RunBegun", nullable=True),
    _column("ended_position", BigInteger, "Position of RunEnded", nullable=True),
    _column(
        "last_position",
        BigInteger,
        "Position of the last event of its log; NULL until it ended, and where nothing was logged",
        nullable=True,
    ),
    PrimaryKeyConstraint("run"),
    Index(None, "event", "course", "started_position"),
    comment="Runs, from the commitment to the result.",
)

log = Table(
    "log",
    metadata,
    _column("run", String, "The run"),
    _column("seq", BigInteger, "The event's number in the run's log, from 1"),
    _column("payload", LargeBinary(64), "The event's bytes (RULES.md, section 7)"),
    _column("hash", LargeBinary(32), "The chain's hash after it"),
    _column(
        "position",
        BigInteger().with_variant(Integer, "sqlite"),  # as the key of a table SQLite takes INTEGER only
        "Position of RunLogged",
        autoincrement=False,
    ),
    PrimaryKeyConstraint("position"),
    ForeignKeyConstraint(["run"], ["runs.run"]),
    comment="The logs of all runs, as they were hashed, in the order in which that happened.",
)

heats = Table(
    "heats",
    metadata,
    _column("event", String, "The event it counts in", ForeignKey("events.event")),
    _column("heat", String, "Id of a heat; a rerun's is its heat's with -r1, -r2, … behind it"),
    _column("course", String, "The course that is played"),
    _column("scope", SmallInteger, "Who shares tiles: 0 everybody, 1 nobody but the first boards"),
    _column("commitment", LargeBinary(32), "What the server committed to before the event"),
    _column("prepared_at_ms", BigInteger, "When it was prepared, Unix ms"),
    _column(
        "opened_at_ms", BigInteger, "When its lobby was last opened, Unix ms; NULL until then", nullable=True
    ),
    _column("roster_hash", LargeBinary(32), "Hash of the frozen roster; NULL until then", nullable=True),
    _column("frozen_at_ms", BigInteger, "When it was frozen, Unix ms", nullable=True),
    _column(
        "public", LargeBinary(4096), "The public part of its seed; NULL until it was typed", nullable=True
    ),
    _column("typed_at_ms", BigInteger, "When it was typed, Unix ms", nullable=True),
    _column("t0_unix_ms", BigInteger, "T0 by the wall clock; NULL until it was started", nullable=True),
    _column("started_at_ms", BigInteger, "When it was started, Unix ms", nullable=True),
    _column(
        "interrupted_at_ms",
        BigInteger,
        "When the server came back to it, Unix ms; NULL where it never was away",
        nullable=True,
    ),
    _column("over_at_ms", BigInteger, "When it was over, Unix ms; NULL until then", nullable=True),
    _column("prepared_position", BigInteger, "Position of HeatPrepared"),
    _column("opened_position", BigInteger, "Position of the last HeatOpened", nullable=True),
    _column("frozen_position", BigInteger, "Position of HeatFrozen", nullable=True),
    _column("typed_position", BigInteger, "Position of HeatTyped", nullable=True),
    _column("started_position", BigInteger, "Position of HeatStarted", nullable=True),
    _column("interrupted_position", BigInteger, "Position of HeatInterrupted", nullable=True),
    _column("over_position", BigInteger, "Position of HeatOver", nullable=True),
    _column("closed_at_ms", BigInteger, "When its lobby was last closed again, Unix ms", nullable=True),
    _column("closed_position", BigInteger, "Position of the last HeatClosed", nullable=True),
    PrimaryKeyConstraint("event", "heat"),
    comment="Heats and their prepared reruns, from the commitment to the last digest.",
)

commitments = Table(
    "commitments",
    metadata,
    _column("event", String, "The event", ForeignKey("events.event")),
    _column("text", String, "The list of its heats' commitments, as it was signed (RULES.md, section 5)"),
    _column("signature", LargeBinary(64), "The organiser's Ed25519 signature of the text"),
    _column("at_ms", BigInteger, "When it was published, Unix ms"),
    _column("position", BigInteger, "Position of CommitmentsPublished"),
    PrimaryKeyConstraint("event"),
    comment="What was promised before an event began; nothing is added afterwards.",
)

lobby = Table(
    "lobby",
    metadata,
    _column("event", String, "The event", ForeignKey("events.event")),
    _column("heat", String, "The heat"),
    _column("player", String, "Who came or went", ForeignKey("players.player")),
    _column("is_in", Boolean, "Whether they came"),
    _column("at_ms", BigInteger, "When, Unix ms"),
    _column("position", BigInteger, "Position of LobbyChanged"),
    PrimaryKeyConstraint("position"),
    comment="Who gathered for a heat, and who left again, until its roster was frozen.",
)

digests = Table(
    "digests",
    metadata,
    _column("event", String, "The event", ForeignKey("events.event")),
    _column("heat", String, "The heat; empty for open play"),
    _column("k", BigInteger, "The digest's number"),
    _column("digest", LargeBinary(32), "What every connection was told (RULES.md, section 7)"),
    _column("position", BigInteger, "Position of DigestSent: it covers every event of a log before it"),
    PrimaryKeyConstraint("event", "heat", "k"),
    comment="Live digests, one a second while a run is in play.",
)

acts = Table(
    "acts",
    metadata,
    _column("event", String, "The event it belongs to", ForeignKey("events.event")),
    _column("number", Integer, "Its place in the event's list of acts, from 1"),
    _column("at_ms", BigInteger, "When it was done, Unix ms"),
    _column("desk", String, "Name of the moderator", basis=ACCOUNTING, kept=WITH_RESULTS),
    _column("kind", String, "void, restore, void_heat, hide_name, replace_name, show_name or undo"),
    _column("target", String, "The run, the heat, the player or the number of the act that it is about"),
    _column(
        "text", String, "The name that replaces another; else empty", basis=ACCOUNTING, kept=WITH_RESULTS
    ),
    _column("reason", String, "Why, in the moderator's words", basis=ACCOUNTING, kept=WITH_RESULTS),
    _column("position", BigInteger, "Position of Acted"),
    PrimaryKeyConstraint("event", "number"),
    comment="What moderators decided; nothing is ever taken out.",
)

contacts = Table(
    "contacts",
    metadata,
    _column("number", Integer, "Order of arrival"),
    _column("contact", String, "Random id of a request"),
    _column("event", String, "The event whose page it was sent from", ForeignKey("events.event")),
    _column("asked_at_ms", BigInteger, "When it was sent, Unix ms; decides when it is deleted"),
    _column("first_name", String, "Whom to address", basis=ANSWERING, kept=UNTIL_DUE),
    _column("last_name", String, "Whom to address", basis=ANSWERING, kept=UNTIL_DUE),
    _column("email", String, "Where to answer", basis=ANSWERING, kept=UNTIL_DUE),
    _column("concern", String, "What it is about", basis=ANSWERING, kept=UNTIL_DUE),
    _column(
        "done_at_ms", BigInteger, "When it was ticked off, Unix ms; NULL while it is open", nullable=True
    ),
    _column(
        "done_by",
        String,
        "Name of the moderator who ticked it off",
        nullable=True,
        basis=ANSWERING,
        kept=UNTIL_DUE,
    ),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("contact"),
    Index(None, "asked_at_ms"),
    comment="Visitors who asked to be contacted.",
)

desk_tokens = Table(
    "desk_tokens",
    metadata,
    _column(
        "token_hash", LargeBinary(32), "SHA-256 of a moderator's token", basis=ACCOUNTING, kept=WITH_RESULTS
    ),
    _column("name", String, "Name of the moderator", basis=ACCOUNTING, kept=WITH_RESULTS),
    _column("added_at_ms", BigInteger, "When it was given out, Unix ms"),
    _column(
        "revoked_at_ms", BigInteger, "When it was revoked, Unix ms; NULL while it is good", nullable=True
    ),
    _column("added_position", BigInteger, "Position of DeskTokenAdded"),
    _column("revoked_position", BigInteger, "Position of DeskTokenRevoked", nullable=True),
    PrimaryKeyConstraint("token_hash"),
    comment="Moderators' personal tokens; a revoked one stays, because acts carry its name.",
)


_good = desk_tokens.c.revoked_at_ms.is_(None)
Index("ix_desk_tokens_name_good", desk_tokens.c.name, unique=True, sqlite_where=_good, postgresql_where=_good)


ERASED_TABLES = [
    "events",
    "heats",
    *(t.name for t in metadata.tables.values() if any(c.info["basis"] for c in t.c)),
]
"""Tables that hold what somebody typed: what is taken away from these must not be found in any file afterwards."""

EVENT_TABLES = [table.name for table in reversed(metadata.sorted_tables) if "event" in table.c]
"""Tables whose rows name their event, those that refer to others before these, and `events` last."""

is_gone = events.c.deleted_position.is_not(None)
"""A deleted rehearsal, whose rows may not all be erased yet."""

GONE = select(events.c.event).where(is_gone)
"""The ids of those."""


def column_map() -> str:
    """Return the data map: every column with its purpose and, for personal data, basis and retention, as Markdown."""
    lines = [
        "# What is stored",
        "",
        "Every column of the database. A test holds this page against the schema, and the schema against a real",
        "database. Columns with a legal basis hold personal data.",
    ]
    for table in metadata.tables.values():
        lines += ["", f"## {table.name}", "", f"{table.comment}", ""]
        lines += ["| column | purpose | legal basis | kept |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{column.name}` | {column.info['purpose']} | {column.info['basis']} | {column.info['kept']} |"
            for column in table.columns
        ]
    return "\n".join(lines) + "\n"
