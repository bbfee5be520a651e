"""What is published: bundles that anybody can check without trusting us, and receipts (PROOF.md).

Everything here comes from the store alone, as it was recorded, and is put together purely: the same records give the
same bytes. A seed leaves the house only when nobody plays, or will play, with it any more.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import bundle, merkle, receipt
from knack_protocol.proof.signing import Signer
from knack_protocol.rules.course import rules_document
from knack_server.core.bundling import Parts, result_leaf
from knack_server.core.facts import OPEN_PLAY, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from knack_protocol.rules.log import LoggedEvent
    from knack_server.core.facts import Acted
    from knack_server.core.recorded import PlayedAlone, PlayedEvent, PlayedOpen, PlayedSolo


class Publishers:
    """The publisher of each event: competitions are signed with the organiser's key, each rehearsal with one of its own.

    Nobody can pass what was played in a rehearsal off as earnest, and its key goes with it: it is kept nowhere, but follows
    from the organiser's secret and the rehearsal's id, which is never drawn twice.
    """

    def __init__(self, secret: bytes, server_seed: Callable[[str, str], bytes]) -> None:
        self._secret = secret
        self._server_seed = server_seed
        self.organisers = Publisher(Signer(secret), server_seed)

    def of(self, event: EventId, kind: EventKind) -> Publisher:
        """Return the one that signs for an event."""
        if kind is EventKind.LIVE:
            return self.organisers
        own = hmac.digest(self._secret, b"knackpunkt rehearsal\0" + event.encode(), "sha256")
        return Publisher(Signer(own), self._server_seed)


class Publisher:
    """Puts bundles and receipts together and signs them."""

    def __init__(self, signer: Signer, server_seed: Callable[[str, str], bytes]) -> None:
        self.key = signer.key
        self._signer = signer
        self._server_seed = server_seed

    def open_play(self, played: PlayedOpen) -> bytes:
        """Return the bundle of all finished runs of open play so far."""
        parts = self._parts(played.event, played.acts)
        return self._packed(
            bundle.OpenBundle(**self._head(played.event, parts), open=parts.open_play(played))
        )

    def solo_run(self, played: PlayedSolo) -> bytes:
        """Return the bundle of one finished run, with its way to the root over all finished runs so far."""
        parts = self._parts(played.event, played.acts)
        leaves = [result_leaf(result) for result in played.results]
        index = next(at for at, result in enumerate(played.results) if result.run == played.run.run)
        return self._packed(
            bundle.RunBundle(
                **self._head(played.event, parts),
                run=bundle.SoloRun(**parts.solo_run(played.run)),
                path=bundle.Path(index=index, hashes=merkle.path(leaves, index)),
                results=parts.open_results(leaves),
            )
        )

    def heat(self, played: PlayedAlone) -> bytes:
        """Return the bundle of a heat that is over."""
        parts = self._parts(played.event, played.acts)
        return self._packed(
            bundle.HeatBundle(
                **self._head(played.event, parts),
                commitments=played.commitments,
                heat=parts.heat(played.heat),
            )
        )

    def event(self, played: PlayedEvent) -> bytes:
        """Return the bundle of an event that has ended: all that was played, and every seed that never was used."""
        parts = self._parts(played.event, played.open.acts)
        seed = self._server_seed
        return self._packed(
            bundle.EventBundle(
                **self._head(played.event, parts),
                commitments=played.commitments,
                heats=tuple(map(parts.heat, played.heats)),
                open=parts.open_play(played.open),
                sums=parts.sums(played.heats),
                unused_heats=tuple(
                    bundle.UnusedHeat(heat=heat, server_seed=seed(played.event, heat))
                    for heat in played.unused_heats
                ),
                unused_runs=tuple(
                    bundle.UnusedRun(
                        run=run.run,
                        course=run.course,
                        commit=run.commit,
                        server_seed=seed(played.event, run.run),
                    )
                    for run in played.unused_runs
                ),
            )
        )

    def sign_commitments(self, text: str) -> bytes:
        """Return the signature of an event's list of commitments."""
        return self._signer.sign(text.encode())

    def receipt(
        self,
        event: EventId,
        run: RunId,
        player: PlayerId,
        score: int,
        events: Sequence[LoggedEvent],
        heat: HeatId = OPEN_PLAY,
    ) -> str:
        """Return the signed receipt of a finished run with this log."""
        return receipt.sign(event, heat, run, player, score, len(events), events[-1].hash, self._signer)

    def is_genuine(self, text: str) -> bool:
        """Tell whether we have given out this receipt."""
        return receipt.is_genuine(text, self.key)

    def _parts(self, event: EventId, acts: Iterable[Acted]) -> Parts:
        return Parts(event, acts, self._signer, self._server_seed)

    def _head(self, event: EventId, parts: Parts) -> dict[str, Any]:
        return {
            "event": event,
            "key": self.key,
            "rules": rules_document().decode(),
            "acts": parts.acts(),
            "seal": bundle.UNSEALED,
        }

    def _packed(self, unsealed: bundle.Bundle) -> bytes:
        return bundle.pack(bundle.sealed(unsealed, self._signer))
