"""The pieces of the proof one by one, for whoever builds a checker from below (PROOF.md, section 10)."""

import hashlib
from typing import Any

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import merkle, publics, receipt, signing
from knack_protocol.proof.acts import first_head, next_head
from knack_protocol.proof.commitments import Commitment, text_of
from knack_protocol.proof.leaves import leaf, roster_hash
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer

_EVENT = EventId("demo")
_SIGNER = Signer(bytes(range(32, 64)))
_STAGE = b"stage:"


def parts() -> dict[str, Any]:
    """Return the pieces as JSON values."""
    return {
        "key": _SIGNER.key.hex(),
        "fingerprint": signing.fingerprint(_SIGNER.key),
        "signed": _signed(),
        "acts": _acts(),
        "roster": {
            "players": ["zoe", "anna", "a-2", "a10"],
            "hash": roster_hash(map(PlayerId, ("zoe", "anna", "a-2", "a10"))).hex(),
        },
        "trees": [_tree(size) for size in (0, 1, 2, 3, 5, 8, 13)],
        "live": [_live(0), _live(1), _live(3)],
        "publics": [
            {"public": public.hex(), "is_good": not publics.heat_public_fault(public)}
            for public in _publics()
        ],
        "receipts": _receipts(),
    }


def _signed() -> list[dict[str, str]]:
    promise = Commitment(HeatId("h1"), CourseName("sprint"), Scope.PLAYER, bytes(range(32)))
    texts = {
        "commitments": text_of(_EVENT, [promise]).encode(),
        "results": signing.results_text(_EVENT, "h1", 2, bytes(32), 1_700_000_000_000, bytes(range(32))),
        "results of open play": signing.results_text(_EVENT, "", 0, merkle.EMPTY, 0, b""),
        "acts": signing.acts_text(_EVENT, 0, first_head(_EVENT)),
        "seal": signing.bundle_text(_EVENT, "heat", hashlib.sha256(b"{}").digest()),
    }
    return [
        {"what": what, "text": text.decode(), "signature": _SIGNER.sign(text).hex()}
        for what, text in texts.items()
    ]


def _acts() -> list[dict[str, Any]]:
    head, chain = first_head(_EVENT), []
    chain.append({"count": 0, "head": head.hex()})
    acts = (("void", "run-1"), ("void_heat", "h1"), ("undo", "1"))
    for number, (kind, target) in enumerate(acts, start=1):
        at_unix_ms = 1_700_000_000_000 + number
        head = next_head(head, number, at_unix_ms, kind, target)
        act = {"number": number, "at_unix_ms": at_unix_ms, "kind": kind, "target": target}
        chain.append({"count": number, "act": act, "head": head.hex()})
    return chain


def _tree(size: int) -> dict[str, Any]:
    leaves = [
        leaf(RunId(f"run-{number:02}"), 30 * number, number, hashlib.sha256(bytes([number])).digest())
        for number in range(size)
    ]
    paths = [[step.hex() for step in merkle.path(leaves, index)] for index in range(size)]
    return {"leaves": [found.hex() for found in leaves], "root": merkle.root(leaves).hex(), "paths": paths}


def _live(size: int) -> dict[str, Any]:
    chains = [(number, hashlib.sha256(bytes([number])).digest()) for number in range(size)]
    digest = live_digest(_EVENT, HeatId(""), 1_700_000_000, chains)
    shown = [[count, head.hex()] for count, head in chains]
    return {"event": _EVENT, "heat": "", "k": 1_700_000_000, "chains": shown, "digest": digest.hex()}


def _publics() -> list[bytes]:
    text = "Heute gewinnt der Regen nicht, ruft das Publikum"
    return [
        publics.stage_public(text),
        publics.stage_public("🎈" * 40),
        publics.stage_public("ü" * 1000),
        b"stage:hello",
        _STAGE + "🎈".encode() * 39,
        _STAGE + b"x" * 1001,
        _STAGE + text.encode() + b" ",
        _STAGE + "\u00a0".encode() + text.encode(),
        _STAGE + text.encode() + "\u3000".encode(),
        _STAGE + text.encode() + "\ufeff".encode(),
        _STAGE + ("u\u0308" * 40).encode(),
        _STAGE + text.encode().replace(b" ", b"\t"),
        _STAGE + text.encode() + b"\xff",
        b"drand:" + bytes(40),
        b"client:" + bytes(16),
    ]


def _receipts() -> list[dict[str, Any]]:
    def given_out(heat: str) -> str:
        names = _EVENT, HeatId(heat), RunId("run-1"), PlayerId("ada")
        return receipt.sign(*names, 4711, 99, bytes(range(32)), _SIGNER)

    text = given_out("")
    fields = {"event": "demo", "heat": "", "run": "run-1", "player": "ada", "score": 4711, "events": 99}
    return [
        {"text": text, "is_genuine": True, **fields, "head": bytes(range(32)).hex()},
        {"text": given_out("h1"), "is_genuine": True, **fields, "heat": "h1", "head": bytes(range(32)).hex()},
        {"text": text.replace("4711", "4712"), "is_genuine": False},
        {"text": text.replace("4711", "04711"), "is_genuine": False},
        {"text": text[:-1] + "B", "is_genuine": False},
        {"text": text + "=", "is_genuine": False},
        {"text": text.replace("knack-receipt-1", "knack-receipt-2"), "is_genuine": False},
    ]
