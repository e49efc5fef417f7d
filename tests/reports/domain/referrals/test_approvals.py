"""An approval counts on what leaves, by a member with access, and as its event says under a right MAC."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts, second_person
from reports.domain.referrals import approvals, contents, departure, police_referrals
from reports.domain.tips import recusal
from reports.models import Approval, AuditAct, AuditEvent, Member, Referral, Tip
from tests.factories import make_user, shown
from tests.reports.handing import approve, approved, export, keyholder, newest_keys, signed_earlier

NOT_SIGNED = "It lacks two approvals by people who have access now"

type Forge = Callable[[Approval, Keys], object]


def record(forged, rows=None):
    audit_log.record(
        by=forged.user, act=AuditAct.APPROVED_REFERRAL, subject=forged.referral.reference, rows=rows
    )


def without_an_event(forged, keys):
    """Do no more."""


def with_an_event_that_names_nothing(forged, keys):
    record(forged)


def under_a_strange_key(forged, keys):
    stranger = Keys((), since=0, audit_keys=AuditKeys(((1, bytes(32)),)), index=keys.index)
    record(forged, Named([forged], keys=stranger))


def with_another_digest(forged, keys):
    Approval.objects.filter(pk=forged.pk).update(digest="0" * 64)


def put_in(referral, forge, *, second, keys):
    """Put a colleague's approval in, as somebody does who writes to the database and has no key."""
    digest = contents.content(referral=referral, keys=keys).digest
    forged = Approval.objects.create(referral=referral, user=second, team_lead=True, digest=digest)
    forge(forged, keys)
    Referral.objects.update(status="approved_once")


@pytest.mark.parametrize(
    "forge",
    [without_an_event, with_an_event_that_names_nothing, under_a_strange_key, with_another_digest],
)
def test_a_signature_that_was_put_in_falls_at_the_next(referral, caseworker, second, keys, forge):
    put_in(referral, forge, second=second, keys=keys)
    approve(referral, by=caseworker, keys=keys)
    assert (Referral.objects.get().status, Approval.objects.get().user) == (
        "approved_once",
        caseworker,
    )
    assert AuditEvent.objects.filter(act="approvals-void", subject=referral.reference).count() == 1


def test_control_a_keyholder_who_writes_to_the_database_signs_for_two(
    referral, caseworker, second, keys
):
    put_in(
        referral,
        lambda forged, _keys: record(forged, Named([forged], keys=keys)),
        second=second,
        keys=keys,
    )
    approve(referral, by=caseworker, keys=keys)
    assert (Referral.objects.get().status, Approval.objects.count()) == ("approved", 2)


def test_a_second_signature_that_was_put_in_does_not_let_it_leave(
    referral, caseworker, second, keys
):
    approve(referral, by=caseworker, keys=keys)
    put_in(referral, with_an_event_that_names_nothing, second=second, keys=keys)
    file = contents.sha256(
        police_referrals.document(contents.content(referral=referral, keys=keys), referral)
    )
    Referral.objects.update(status="approved", digest=file)
    with pytest.raises(Refused, match=NOT_SIGNED):
        export(referral, by=caseworker, keys=keys)
    assert (Referral.objects.get().status, Approval.objects.count()) == ("drafted", 0)


def test_a_lone_keyholder_cannot_have_signed_earlier_than_they_did(referral, caseworker, keys):
    approve(referral, by=caseworker, keys=keys)
    Approval.objects.update(approved_at=timezone.now() - timedelta(days=2))
    with pytest.raises(Refused, match="or since it was approved"):
        police_referrals.approve_alone(
            referral=referral,
            by=caseworker,
            keys=keys,
            reauthentication=shown(caseworker),
            now=timezone.now(),
        )
    assert (Referral.objects.get().status, Approval.objects.count()) == ("drafted", 0)


def test_one_signature_counts_alone_only_where_nobody_else_could_sign(
    referral, caseworker, second, keys
):
    approve(referral, by=caseworker, keys=keys)
    signed_earlier(Approval.objects.get())
    referral.alone = True  # as somebody calls it who writes to the database
    file = contents.sha256(
        police_referrals.document(contents.content(referral=referral, keys=keys), referral)
    )
    Referral.objects.update(status="approved", alone=True, digest=file)
    with pytest.raises(Refused, match=NOT_SIGNED):
        export(referral, by=caseworker, keys=keys)


def test_nobody_is_the_only_keyholder_while_the_key_file_opens_for_somebody_else(
    referral, caseworker, keys
):
    approve(referral, by=caseworker, keys=keys)
    alone = {
        "by": caseworker,
        "reauthentication": shown(caseworker),
        "now": timezone.now() + timedelta(days=2),
    }
    with pytest.raises(Refused, match="An unrecognised key can unlock the desk"):
        police_referrals.approve_alone(
            referral=referral,
            keys=Keys(keys.identities, 0, keys.audit_keys, keys.index, ("age1x",)),
            **alone,
        )
    police_referrals.approve_alone(referral=referral, keys=keys, **alone)  # the control


def test_nobody_signs_or_exports_with_the_words_of_another(tip, caseworker, second, keys):
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    with pytest.raises(Refused, match="Confirm first that it is you"):
        police_referrals.approve(
            referral=referral, by=caseworker, keys=keys, reauthentication=shown(second)
        )
    referral = approved(tip, by=caseworker, second=second, keys=keys)
    with pytest.raises(Refused, match="Confirm first that it is you"):
        departure.export(
            referral=referral,
            kind="json",
            recipient=None,
            by=caseworker,
            keys=keys,
            reauthentication=shown(second),
        )


def lose_the_key(approver, by):
    """Take a signer's access away."""
    Member.objects.filter(user=approver).update(granted=None)


def be_switched_off(approver, by):
    """Switch a signer's account off."""
    User.objects.filter(pk=approver.pk).update(is_active=False)


def lose_every_role(approver, by):
    """Take a signer's roles away while their key still opens the desk."""
    approver.groups.clear()


def be_no_team_lead(approver, by):
    """Make a team lead, who approved as one, a caseworker."""
    approver.groups.set(Group.objects.filter(name="Caseworker"))


def know_somebody(approver, by):
    """Let a signer say that they know somebody in it."""
    recusal.recuse(tip=Tip.objects.get(), by=approver, reason="My cousin.", keys=newest_keys())


@pytest.mark.parametrize(
    "happens", [lose_the_key, be_switched_off, lose_every_role, be_no_team_lead, know_somebody]
)
def test_a_signature_counts_while_its_member_may_still_give_it(
    referral,
    caseworker,
    second,
    keys,
    happens,
):
    keyholder(make_user("lou", "Team lead"))
    approve(referral, by=caseworker, keys=keys)
    approve(referral, by=second, keys=keys)
    happens(second, caseworker)
    audit_log.renew_head()
    with pytest.raises(Refused, match=NOT_SIGNED):
        export(referral, by=caseworker, keys=keys)
    assert (Referral.objects.get().status, Approval.objects.count()) == ("drafted", 0)


def test_who_can_approve_is_named_with_from_when_and_the_tile_counts_it_then(
    referral, caseworker, second, keys, time_machine
):
    knows, new, auditor = (make_user(name, "Caseworker") for name in ("cora", "nia", "tara"))
    auditor.groups.set(Group.objects.filter(name="Auditor"))
    make_user("without a key", "Caseworker")
    for user in (knows, new, auditor):
        keyholder(user)
    recusal.recuse(tip=referral.parts.get().tip, by=knows, reason="My cousin.", keys=keys)
    accounts.log_event(user=new, by=new, act=AuditAct.STARTED_AGAIN)
    until = second_person.settles_at("reports.refer", user=new)
    assert until
    assert approvals.can_approve(referral=referral) == [
        ("lena", None),
        ("nia", until),
        ("olu", None),
    ]
    approve(referral, by=caseworker, keys=keys)
    assert approvals.can_approve(referral=referral) == [("lena", None), ("nia", until)]
    users = {
        user.username: User.objects.get(pk=user.pk)
        for user in (caseworker, second, knows, new, auditor)
    }

    def counts():
        return {name: approvals.to_approve(by=user) for name, user in users.items()}

    assert counts() == {"olu": 0, "lena": 1, "cora": 0, "nia": 0, "tara": 0}
    time_machine.move_to(until + timedelta(minutes=1))
    assert counts() == {"olu": 0, "lena": 1, "cora": 0, "nia": 1, "tara": 0}
    Member.objects.filter(user=second).update(granted=None)
    assert counts()["lena"] == 0
