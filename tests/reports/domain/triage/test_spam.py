"""No witness becomes spam: what an enquiry, a sender, the police, a court or a person in danger needs is left out."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.errors import DangerOpen, Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import police_referrals
from reports.domain.retention import schedule
from reports.domain.triage import relations, spam, triaging
from reports.domain.triage.safety import Danger
from reports.models import Referral, ReferralState, Status, Tip, UrgentCall
from tests.factories import NO_DANGER
from tests.reports.handing import approved, export, keyholder, make_ready, newest_keys

type Send = Callable[..., Tip]
type Keep = Callable[[Tip, User, User, Keys], object]


def _packed(tip, caseworker, team_lead, keys):
    make_ready(tip, by=caseworker, keys=keys)
    Tip.objects.filter(pk=tip.pk).update(unread=False)
    return police_referrals.draft(tips=[tip], by=caseworker, keys=keys)


def _asked(tip, caseworker, team_lead, keys):
    Tip.objects.filter(pk=tip.pk).update(status=Status.READING, unread=False)
    tip.refresh_from_db()
    asked = sender_messages.write(
        tip=tip, text="Which day was it?", question=True, by=caseworker, keys=keys
    )
    triaging.move(tip=tip, to=Status.READING, by=caseworker)
    return asked


def _linked(tip, caseworker, team_lead, keys):
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern")
    enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)  # a new tip stays new
    return enquiry


def _called(tip, caseworker, team_lead, keys):
    UrgentCall.objects.create(id=uuid.uuid4(), tip=tip, author="olu", key_index=1, sealed=b"")


KEPT = {
    "is part of “quiet lantern”": _linked,
    "has something that nobody has read yet": lambda tip, *_people: Tip.objects.filter(
        pk=tip.pk
    ).update(status=Status.READING, unread=True),
    "has a question to its sender": _asked,
    "has an answer from its sender": lambda tip, *_people: Tip.objects.filter(pk=tip.pk).update(
        answered=True
    ),
    "is in a police referral": _packed,
    "was passed on by phone": _called,
    "is under a legal hold": lambda tip, _caseworker, team_lead, _keys: schedule.hold(
        tip=tip, by=team_lead, reason="A court.", keys=newest_keys()
    ),
    "is urgent": lambda tip, *_people: Tip.objects.filter(pk=tip.pk).update(urgent=True),
}


def mark(tip, by, *, bulk=False, danger=NO_DANGER):
    """Mark a tip as spam, as a press does on its own page or on the queue."""
    changes = decision.TipChanges(status=Status.SPAM, danger=danger)
    decision.save(
        tip=tip, changes=changes, seen=staleness.now(), by=by, keys=newest_keys(), among_others=bulk
    )


@pytest.mark.promise("danger", control=True)
@pytest.mark.parametrize("reason", KEPT)
def test_what_somebody_needs_is_no_spam_and_says_why(send, caseworker, team_lead, keys, reason):
    """No witness becomes spam: what an open enquiry, a question, an answer, a referral, an urgent call, a hold or
    danger keeps is left out, and named with the reason.
    """
    tip = send(police="yes")
    KEPT[reason](tip, caseworker, team_lead, keys)
    before = Tip.objects.get(pk=tip.pk).status
    for bulk in (True, False):
        with pytest.raises(Refused) as refusal:
            mark(tip, caseworker, bulk=bulk, danger=Danger("other", "We do not know yet."))
        assert str(refusal.value) == f"This tip cannot be spam. It {reason}."
        assert Tip.objects.get(pk=tip.pk).status == before
        other = send()
        mark(other, caseworker, bulk=bulk)  # the control: nothing keeps this one
        assert Tip.objects.get(pk=other.pk).status == Status.SPAM


def test_what_is_over_keeps_nothing(send, caseworker, team_lead, keys):
    """A closed enquiry, an ended link, a question that was taken back, a referral that was withdrawn, a hold's end."""
    closed, ended, asked, packed, held = (send() for _ in range(5))
    enquiries.move(
        enquiry=_linked(closed, caseworker, team_lead, keys),
        to="closed",
        by=caseworker,
        keys=newest_keys(),
    )
    enquiry = enquiries.begin(by=caseworker, codename="loud drum")
    enquiries.link(tip=ended, enquiry=enquiry, by=caseworker)
    enquiries.unlink(tip=ended, enquiry=enquiry, by=caseworker)
    sender_messages.take_back(message=_asked(asked, caseworker, team_lead, keys), by=caseworker)
    Referral.objects.filter(pk=_packed(packed, caseworker, team_lead, keys).pk).update(
        status=ReferralState.WITHDRAWN
    )
    schedule.hold(tip=held, by=team_lead, reason="A court.", keys=keys)
    schedule.release(tip=held, by=team_lead, keys=keys)
    assert [
        spam.kept_from_spam(tip=Tip.objects.get(pk=tip.pk))
        for tip in (closed, ended, asked, packed, held)
    ] == [[] for _ in range(5)]


def test_an_urgent_tip_is_spam_only_where_a_member_says_that_it_is_harmless(send, caseworker):
    tip = send(danger="yes")
    Tip.objects.update(unread=False)
    with pytest.raises(DangerOpen):
        triaging.move(tip=tip, to=Status.SPAM, by=caseworker, keys=newest_keys())
    with pytest.raises(Refused, match="It is urgent"):
        triaging.move(
            tip=tip,
            to=Status.SPAM,
            by=caseworker,
            danger=Danger("police", "They went."),
            keys=newest_keys(),
        )
    triaging.acknowledge(tip=tip, by=caseworker)
    with pytest.raises(Refused, match="It is urgent"):
        mark(tip, caseworker, bulk=True)
    triaging.move(tip=tip, to=Status.SPAM, by=caseworker, danger=NO_DANGER, keys=newest_keys())
    assert Tip.objects.get().status == Status.SPAM


def test_spam_is_no_source_and_joins_no_witnesses(send, caseworker):
    first, between, second = tips = [send() for _ in range(3)]
    for other in (first, second):
        relations.judge(
            tip=between, other=other, verdict="related", by=caseworker, keys=newest_keys()
        )
    assert relations.sources(tips=tips, by=caseworker).most == 1  # the control
    Tip.objects.filter(pk=between.pk).update(status=Status.SPAM, decided=timezone.localdate())
    between.refresh_from_db()
    assert relations.sources(tips=tips, by=caseworker).most == 2


def test_a_referral_that_left_keeps_its_tip_though_it_was_withdrawn(
    send, caseworker, team_lead, keys
):
    tip = send(police="yes")
    make_ready(tip, by=caseworker, keys=keys)
    referral = approved(tip, by=caseworker, second=keyholder(team_lead), keys=keys)
    export(referral, by=caseworker, keys=keys)
    police_referrals.withdraw(referral=referral, by=caseworker)
    Tip.objects.update(unread=False)
    assert spam.kept_from_spam(tip=Tip.objects.get()) == [
        "is in a police referral that was withdrawn after it was sent"
    ]


def test_spam_is_drafted_for_nobody(send, caseworker):
    tips = [send(), send()]
    mark(tips[1], caseworker)
    with pytest.raises(Refused, match="You cannot refer spam"):
        police_referrals.draft(tips=tips, by=caseworker, keys=newest_keys())
    assert not Referral.objects.exists()
    triaging.move(tip=Tip.objects.get(pk=tips[1].pk), to=Status.READING, by=caseworker)
    police_referrals.draft(tips=tips, by=caseworker, keys=newest_keys())  # the control
