"""What a vector file expects, worked out by the plain engine (RULES.md, section 9)."""

from typing import Any

from knack_loadtest.oracle.chance import lp, mac, sha, u
from knack_loadtest.oracle.run import PlainRun, Reply

Document = dict[str, Any]


def play(document: Document) -> tuple[PlainRun, list[Reply], str, str]:
    """Play a vector's inputs and close the run; return it, the replies, and commit and seed as hex."""
    event, heat, player = document["event"], document["heat"], document["player"]
    server_seed = bytes.fromhex(document["server_seed"])
    rules_hash = bytes.fromhex(document["rules_hash"])
    scope = {"heat": 0, "player": 1}[document["scope"]]
    names = lp(event) + lp(heat)
    commit = sha(
        b"m3/1|commit\x00" + names + lp(document["course_name"]) + u(1, scope) + rules_hash + server_seed
    )
    seed = mac(server_seed, b"m3/1|heat\x00" + names + lp(bytes.fromhex(document["public"])))
    player_seed = mac(seed, b"m3/1|player\x00" + lp(player)) if scope == 1 else None
    grace_ms = document["grace_ms"]
    start = u(8, document["t0_unix_ms"]) + u(2, grace_ms)
    h0 = sha(b"m3/1|run\x00" + names + lp(player) + commit + rules_hash + start)
    levels = [(level["goal"], level["time_ms"]) for level in document["course"]]
    run = PlainRun(levels, seed, player_seed, h0, grace_ms)
    replies = [run.move(sent["t_arr"], sent["i"], sent["d"]) for sent in document["inputs"]]
    run.expire()
    return run, replies, commit.hex(), seed.hex()


def expectation(document: Document) -> Document:
    """Return the `expect` of a vector whose other fields are given."""
    run, replies, commit, seed = play(document)
    return {
        "commit": commit,
        "seed": seed,
        "boards": ["".join(map(str, cells)) for cells in run.boards],
        "replies": [_reply(reply) for reply in replies],
        "events": len(run.events),
        "score": run.score,
        "last_hash": run.hashes[-1].hex(),
    }


def _reply(reply: Reply) -> Document:
    if reply.verdict != "ok":
        return {"verdict": reply.verdict}
    return {
        "verdict": "ok",
        "steps": reply.steps,
        "points": reply.points,
        "score": reply.score,
        "fills": reply.fills,
        "board": "".join(map(str, reply.board)),
    }
