"""What the organiser signs when results are published: the other side of the check."""

from collections.abc import Iterable, Sequence

from knack_protocol.ids import EventId, HeatId
from knack_protocol.proof import merkle, signing
from knack_protocol.proof.bundle import Act, Acts, CommitmentList, Results
from knack_protocol.proof.commitments import Commitment, text_of
from knack_protocol.proof.decisions import Decisions
from knack_protocol.proof.ground import UNFROZEN, Frozen
from knack_protocol.proof.signing import Signer


def signed_acts(event: EventId, acts: Iterable[Act], signer: Signer) -> Acts:
    """Return all acts of an event so far, signed.

    Raises:
        ActFault: an act that no desk could have done.
    """
    listed = tuple(acts)
    text = signing.acts_text(event, len(listed), Decisions(event, listed).head)
    return Acts(list=listed, signature=signer.sign(text))


def signed_commitments(event: EventId, commitments: Iterable[Commitment], signer: Signer) -> CommitmentList:
    """Return the list of an event's promises, signed; publish it before the event begins."""
    text = text_of(event, commitments)
    return CommitmentList(text=text, signature=signer.sign(text.encode()))


def signed_results(
    event: EventId, heat: HeatId, leaves: Sequence[bytes], signer: Signer, frozen: Frozen = UNFROZEN
) -> Results:
    """Return the signed root over leaf hashes in byte order of their ids; `heat` is empty in open play."""
    root = merkle.root(leaves)
    text = signing.results_text(event, heat, len(leaves), root, frozen.t0_unix_ms, frozen.roster_hash)
    return Results(tree_size=len(leaves), root=root, signature=signer.sign(text))
