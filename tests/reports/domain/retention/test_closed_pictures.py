"""Closed pictures: nobody sees them, nothing of the tip goes, and two team leads end it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from reports.domain.audit import audit_log, columns, findings, verification
from reports.domain.errors import Refused
from reports.domain.keys import unsealed
from reports.domain.referrals import departure, exported, police_referrals, second_reader
from reports.domain.retention import closed_pictures, schedule
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, ClosedPictures, Entry, Tip
from tests.factories import make_keyholder, make_user, shown
from tests.reports import pictures, telling
from tests.reports.handing import approve, make_ready
from tests.reports.unrecorded import record_broken

pytestmark = pytest.mark.engine


@pytest.fixture
def leads(caseworker, team_lead, passphrase):
    """Return two team leads with a key, whose accounts are old."""
    caseworker.groups.set(Group.objects.filter(name="Team lead"))
    make_keyholder(team_lead)
    return User.objects.get(pk=caseworker.pk), User.objects.get(pk=team_lead.pk)


@pytest.fixture
def tip(leads, keys):
    """Return an opened tip with two pictures."""
    tip = telling.tell("A grey van.", police="yes", photos=[pictures.stored(1), pictures.stored(2)])
    opening.open_new(by=leads[0], keys=keys)
    return Tip.objects.get(pk=tip.pk)


def with_pictures(tip):
    return tip.entries.order_by("position").last()


def close(tip, *, by, keys):
    closed_pictures.close(tip=tip, by=by, keys=keys)
    row = closed_pictures.of_tip(tip)
    assert row is not None
    return row


def propose(row, *, by, keys, end="delete", reference="43260001"):
    closed_pictures.propose(closed=row, end=end, reference=reference, by=by, keys=keys)
    row.refresh_from_db()
    return closed_pictures.as_proposed(row)


def acts(tip):
    return list(
        AuditEvent.objects.filter(subject=tip.reference, act__endswith="-pictures")
        .order_by("seq")
        .values_list("act", "actor")
    )


def test_a_closed_picture_is_shown_to_nobody_and_can_be_chosen_for_no_referral(tip, leads, keys):
    lead, other = leads
    who = {"entry": with_pictures(tip), "number": 1, "keys": keys}
    assert opening.picture(**who, by=lead)
    close(tip, by=lead, keys=keys)
    for member in leads:
        with pytest.raises(Refused, match="closed to everybody"):
            opening.picture(**who, by=member)
    referral = police_referrals.draft(tips=[tip], by=lead, keys=keys)
    with pytest.raises(Refused, match="closed to everybody"):
        second_reader.choose(referral=referral, **who, by=lead)
    assert acts(tip) == [("closed-pictures", lead.get_username())]
    with pytest.raises(Refused, match="closed already"):
        closed_pictures.close(tip=tip, by=other, keys=keys)


def test_it_leaves_referrals_that_have_not_left_with_their_approvals(tip, leads, keys):
    _lead, other = leads
    referral = with_picture(tip, leads, keys)
    close(tip, by=other, keys=keys)
    referral.refresh_from_db()
    assert (referral.status, referral.pictures.count()) == ("drafted", 0)
    assert not referral.approvals.exists()
    present = columns.of_referrals([referral])
    assert findings.compare(present, proof=keys.audit_keys) == [], "the log says that it went"


def with_picture(tip, leads, keys):
    """Return an approved referral with a picture of the tip."""
    lead, other = leads
    entry = with_pictures(tip)
    make_ready(tip, by=lead, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=lead, keys=keys)
    second_reader.choose(referral=referral, entry=entry, number=0, by=lead, keys=keys)
    opening.picture(entry=entry, number=0, by=other, keys=keys)
    second_reader.approve(picture=referral.pictures.get(), by=other, keys=keys)
    for member in leads:
        approve(referral, by=member, keys=keys)
    referral.refresh_from_db()
    return referral


def test_no_file_is_made_again_that_has_one(tip, leads, keys):
    lead = leads[0]
    referral = with_picture(tip, leads, keys)
    how = {"kind": "json", "recipient": None, "by": lead, "keys": keys}
    departure.export(referral=referral, **how, reauthentication=shown(lead))
    close(tip, by=lead, keys=keys)
    referral.refresh_from_db()
    with pytest.raises(Refused, match="closed to everybody"):
        departure.export(referral=referral, **how, reauthentication=shown(lead))
    with pytest.raises(Refused, match="closed to everybody"):
        exported.to_copy(referral=referral, by=lead, keys=keys)


def test_the_tip_is_kept_until_two_leads_have_ended_it(tip, leads, keys):
    lead, other = leads
    long_ago = timezone.localdate() - timedelta(days=200)
    Tip.objects.filter(pk=tip.pk).update(
        status="spam", decided=long_ago, unread=False, new_answer=False
    )
    today = timezone.localdate()
    assert tip in schedule.due(by=today)  # the control: without it the tip goes
    row = close(tip, by=lead, keys=keys)
    assert tip not in schedule.due(by=today)
    seen = propose(row, by=lead, keys=keys, end="open")
    assert tip not in schedule.due(by=today)
    closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    assert tip in schedule.due(by=today)


def test_two_leads_show_them_again(tip, leads, keys):
    lead, other = leads
    row = close(tip, by=lead, keys=keys)
    seen = propose(row, by=lead, keys=keys, end="open")
    assert closed_pictures.reference(row, keys=keys) == "43260001"
    closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    assert opening.picture(entry=with_pictures(tip), number=0, by=lead, keys=keys)
    assert acts(tip) == [
        ("closed-pictures", lead.get_username()),
        ("proposed-pictures", lead.get_username()),
        ("opened-pictures", other.get_username()),
    ]
    close(tip, by=other, keys=keys)  # and once more
    assert ClosedPictures.objects.count() == 2


def test_two_leads_delete_them_and_the_rest_stays_as_the_log_says(tip, leads, keys):
    lead, other = leads
    before = unsealed.bundle(with_pictures(tip), keys=keys)
    row = close(tip, by=lead, keys=keys)
    seen = propose(row, by=lead, keys=keys)
    closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    entry = with_pictures(tip)
    after = unsealed.bundle(entry, keys=keys)
    assert (len(before.files), after.files) == (2, ())
    assert (after.content, after.bound) == (before.content, before.bound)
    with pytest.raises(Refused, match="cannot find this picture"):
        opening.picture(entry=entry, number=0, by=lead, keys=keys)
    reading = opening.read(tip=tip, by=lead, keys=keys)
    assert [(one.kind, one.pictures) for one in reading.entries] == [("tip", 0), ("photos", 0)]
    assert reading.doubts == ()
    assert verification.is_unbroken()
    event = AuditEvent.objects.get(act=AuditAct.DELETED_PICTURES)
    assert (event.subject, event.detail["count"]) == (tip.reference, 2)
    assert closed_pictures.of_tip(tip) is None


def test_a_part_that_does_not_open_keeps_nobody_from_deleting_the_pictures(tip, leads, keys):
    lead, other = leads
    row = close(tip, by=lead, keys=keys)
    tip.entries.filter(position=1).update(sealed=b"changed outside")
    seen = propose(row, by=lead, keys=keys)
    closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    assert unsealed.bundle(with_pictures(tip), keys=keys).files == ()


def test_one_lead_alone_ends_nothing(tip, leads, keys):
    lead, other = leads
    row = close(tip, by=lead, keys=keys)
    with pytest.raises(Refused, match="Write the police reference"):
        propose(row, by=lead, keys=keys, reference=" ")
    seen = propose(row, by=lead, keys=keys)
    with pytest.raises(Refused, match="You proposed this"):
        closed_pictures.agree(closed=row, seen=seen, by=lead, keys=keys)
    propose(row, by=lead, keys=keys, end="open")
    with pytest.raises(Refused, match="has changed this"):  # the other read that they go
        closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    assert Entry.objects.filter(tip=tip).count() == 2
    assert closed_pictures.of_tip(tip) == row


def test_nor_a_new_team_lead_or_a_caseworker(tip, leads, keys):
    lead, _other = leads
    row = close(tip, by=lead, keys=keys)
    reader = make_user("reader", "Caseworker")
    with pytest.raises(Refused, match="Only a team lead"):
        propose(row, by=reader, keys=keys)
    seen = propose(row, by=lead, keys=keys)
    new = make_user("newlead", "Team lead")
    make_keyholder(new)
    audit_log.record(by=lead, act=AuditAct.JOINED, subject="newlead", roles="Team lead")
    with pytest.raises(Refused, match="made, given a role or invited"):
        closed_pictures.agree(closed=row, seen=seen, by=new, keys=keys)


def test_the_database_takes_no_end_by_one_person(tip, leads, keys):
    row = close(tip, by=leads[0], keys=keys)
    alone = {"end": "delete", "proposed_by": "olu", "agreed_by": "olu"}
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosedPictures.objects.filter(pk=row.pk).update(**alone, ended_on=timezone.localdate())


def test_what_cannot_be_recorded_changes_nothing(tip, leads, keys):
    lead, other = leads
    row = close(tip, by=lead, keys=keys)
    with record_broken(), pytest.raises(DatabaseError):
        propose(row, by=lead, keys=keys)
    row.refresh_from_db()
    assert row.end == ""
    seen = propose(row, by=lead, keys=keys)
    with record_broken(), pytest.raises(DatabaseError):
        closed_pictures.agree(closed=row, seen=seen, by=other, keys=keys)
    assert closed_pictures.of_tip(tip) == row
    assert len(unsealed.bundle(with_pictures(tip), keys=keys).files) == 2
