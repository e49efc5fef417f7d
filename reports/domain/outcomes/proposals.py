"""What is proposed, signed with its proposer's own key: who signs it too sees that nobody put it in their mouth."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports.domain.audit import findings
from reports.domain.audit import rows as covered
from reports.models import Member, Outcome, OutcomeStatus
from reports.sealing import signing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys
    from reports.domain.keys.own_keys import OwnKey


def put(outcome: Outcome, *, own: "OwnKey") -> None:
    """Sign with the proposer's own key what the row says; raises Refused for a key that cannot sign."""
    outcome.proof = own.sign(_facts(outcome))


def problems(*, outcome: Outcome, keys: "Keys") -> list[str]:
    """Return why nobody should sign or believe an outcome, a sentence each; none of one that can be told no more.

    Who proposed one that is released may have left since, with their key: then the log answers for it alone.
    """
    if outcome.status == OutcomeStatus.WITHDRAWN or outcome.article_id is None:
        return []
    if findings.compare(covered.of_one([outcome]), proof=keys.vouchers):
        return [_("Somebody has changed this in the database since it was proposed, or put it there: withdraw it.")]
    if outcome.status == OutcomeStatus.RELEASED:
        return []
    signer = _signer_of(outcome)
    if signer is None:
        said = _("%(name)s’s own key has not signed this, or is taken away: withdraw it, and propose it again.")
        return [said % {"name": outcome.proposer}]
    if not _names(keys, signer):
        said = _("Lock the desk and unlock it again: then this page can tell whether %(name)s has signed this.")
        return [said % {"name": outcome.proposer}]
    return []


def must_unlock(*, user: "User", keys: "Keys | None") -> bool:
    """Return whether somebody signs without looking who could tell whose proposal it is: they have a key."""
    return keys is None and Member.objects.filter(user=user, granted__isnull=False).exists()


def is_signed(*, outcome: Outcome, keys: "Keys") -> bool:
    """Return whether its proposer's own key signed what it says, and the ring named that key at the unlocking."""
    return _names(keys, _signer_of(outcome))


def _names(keys: "Keys", signer: str | None) -> bool:
    return keys.vouchers is not None and signer in keys.vouchers.members


def _signer_of(outcome: Outcome) -> str | None:
    """Return the recipient of the key that signed what an outcome says, if it is its proposer's and has access."""
    signer = signing.signer_of(_facts(outcome), proof=outcome.proof)
    granted = Member.objects.filter(user__username=outcome.proposer).exclude(granted=None)
    return signer if granted.filter(recipient=signer).exists() else None


def _facts(outcome: Outcome) -> list[signing.Fact]:
    """Return what is signed: which sentence goes with which story and enquiry, and who proposes it."""
    said = outcome.article_id, outcome.sentence, outcome.proposer
    return ["outcome", outcome.pk.hex, outcome.enquiry_id.hex, *said]
