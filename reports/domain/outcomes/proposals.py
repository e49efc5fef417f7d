"""What is proposed, signed with its proposer's own key: who signs it too sees that nobody put it in their mouth."""

import json
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports.domain.vouching import findings
from reports.domain.vouching import rows as kept_rows
from reports.models import Member, Outcome, OutcomeStatus
from reports.sealing import signing

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys
    from reports.domain.keys.own_keys import OwnKey


def put(outcome: Outcome, *, own: "OwnKey") -> None:
    """Sign with the proposer's own key what the row says; raises Refused for a key that cannot sign."""
    outcome.proof = own.sign(_text(outcome)).hex()


def problems(*, outcome: Outcome, keys: "Keys") -> list[str]:
    """Return why nobody should sign or believe an outcome, a sentence each; none of one that is withdrawn.

    Who proposed one that is released may have left since, with their key: then the voucher answers for it alone.
    """
    if outcome.status == OutcomeStatus.WITHDRAWN:
        return []
    if findings.compare(kept_rows.of_one([outcome]), proof=keys.vouchers):
        return [_("Somebody has changed or put this into the database since it was proposed: withdraw it.")]
    if outcome.status != OutcomeStatus.RELEASED and not is_signed(outcome=outcome, keys=keys):
        said = _("%(name)s’s own key has not signed this, or is taken away: withdraw it, and propose it again.")
        return [said % {"name": outcome.proposer}]
    return []


def is_signed(*, outcome: Outcome, keys: "Keys") -> bool:
    """Return whether its proposer's own key signed what it says, and the ring names that key at this moment."""
    member = Member.objects.filter(user__username=outcome.proposer).exclude(granted=None).first()
    signer = signing.signer_of(_text(outcome), signed=_bytes(outcome.proof))
    named = keys.vouchers.members if keys.vouchers else frozenset()
    return signer is not None and member is not None and signer == member.recipient and signer in named


def _bytes(proof: str) -> bytes:
    try:
        return bytes.fromhex(proof)
    except ValueError:  # somebody wrote there what is not hex
        return b""


def _text(outcome: Outcome) -> bytes:
    """Return what is signed: which sentence goes with which story and enquiry, and who proposes it."""
    facts = [outcome.pk.hex, outcome.enquiry_id.hex, outcome.article_id, outcome.sentence, outcome.proposer]
    return json.dumps(["outcome", *facts], separators=(",", ":")).encode()
