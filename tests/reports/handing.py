"""A tip that is ready to be handed over, and two people who may approve for it."""

from contextlib import suppress
from functools import lru_cache

from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log, staleness
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import AlreadyReferred
from reports.domain.keys import keyholders
from reports.domain.outcomes import public_results
from reports.domain.referrals import approvals, departure, grading, own_words, police_referrals
from reports.domain.tips import opening
from reports.models import AuditAct, Member, Tip
from reports.sealing import keyring
from tests.factories import shown

IDENTITIES = []  # of every key that tests make: tests/conftest.py fills it in
GRADE = {"source": "2", "information": "C", "handling": "P", "conditions": ""}
ANSWERS = {
    "observed": "The van was seen.",
    "about": "No, and no.",
    "hurt": "Nobody that we know of.",
}
WORDS = {
    "text": "A van calls there nightly.",
    "removed": "Who saw it.",
    "contact": "",
    "stays": {},
}


def make_ready(tip, *, by, keys, **words):
    """Move a tip on, grade it, and write it in the desk's words."""
    opening.open_new(by=by, keys=keys)
    Tip.objects.filter(pk=tip.pk).update(status="reading")
    tip.refresh_from_db()
    grading.grade(tip=tip, **GRADE, seen=staleness.now(), by=by, keys=keys)
    rewrite(tip, by=by, keys=keys, **words)


def rewrite(tip, *, by, keys, **words):
    """Write the next version of a tip in the desk's words."""
    opening.read(tip=tip, by=by, keys=keys)
    had = {
        "position": own_words.newest(opening.open_all(tip=tip, keys=keys)),
        "seen": staleness.now(),
    }
    facts = WORDS | {"answers": ANSWERS} | had | words
    own_words.save(tip=tip, **facts, by=by, keys=keys)


def keyholder(user):
    """Let a user count as one who can open tips."""
    recipient = keyring.recipient_of(keyring.new_identity())
    Member.objects.update_or_create(
        user=user, defaults={"recipient": recipient, "granted": timezone.localdate()}
    )
    return user


def newest_keys():
    """Return what a session holds of which the desk was unlocked just now; None where there is no desk to unlock."""
    path = state_files.folder() / "keyring.age"
    return keyholders._keys(_key_file(path.read_bytes())) if path.exists() else None


@lru_cache(maxsize=8)
def _key_file(data):
    """Return the key file, opened with any key that tests have made, the newest first."""
    for identity in reversed(IDENTITIES):
        with suppress(keyring.KeyringError):
            return keyring.open_keyring(data, identity=identity)
    raise AssertionError("No key of the tests opens this key file.")


def read_tips(referral, *, by, keys):
    """Read each tip of a referral on its own page, and then the referral, as who approves it does."""
    for part in referral.parts.select_related("tip"):
        opening.read(tip=part.tip, by=by, keys=keys)
    police_referrals.read(referral=referral, by=by, keys=keys)


def approve(referral, *, by, keys):
    """Read a referral and its tips, and approve it as it stands."""
    referral.refresh_from_db()
    read_tips(referral, by=by, keys=keys)
    why = "It says where and when."
    police_referrals.approve(
        referral=referral, by=by, keys=keys, reauthentication=shown(by), why=why
    )
    referral.refresh_from_db()


def draft_again(*, tips, by):
    """Draft a referral as who was told where these tips are already."""
    try:
        return police_referrals.draft(tips=tips, by=by, keys=newest_keys())
    except AlreadyReferred as told:
        return police_referrals.draft(tips=tips, by=by, again=told.places, keys=newest_keys())


def approved(tip, *, by, second, keys):
    """Return a referral of a ready tip that both have approved."""
    referral = draft_again(tips=[tip], by=by)
    for member in (by, second):
        approve(referral, by=member, keys=keys)
    return referral


def export(
    referral,
    *,
    by,
    keys,
    kind="json",
    recipient=None,
):
    """Export a referral."""
    referral.refresh_from_db()
    shows = {"by": by, "keys": keys, "reauthentication": shown(by)}
    file = departure.export(referral=referral, kind=kind, recipient=recipient, **shows)
    referral.refresh_from_db()
    return file


def signed_earlier(approval, *, keys=None):
    """Let a member have approved so long ago that a lone keyholder's approval counts, as the log says too."""
    was = hashes(approval)
    approval.approved_at -= approvals.WAIT
    approval.save()
    rows = Named([approval], was=was, keys=keys or newest_keys())
    audit_log.record(
        by=approval.user,
        act=AuditAct.APPROVED_REFERRAL,
        subject=approval.referral.reference,
        rows=rows,
    )


def approve_outcome(outcome, capacity, *, by, keys=None):
    """Approve an outcome as it stands."""
    outcome.refresh_from_db()
    public_results.approve(
        outcome=outcome, capacity=capacity, by=by, reauthentication=shown(by), keys=keys
    )
    outcome.refresh_from_db()
