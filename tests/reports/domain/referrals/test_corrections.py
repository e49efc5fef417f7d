"""The sender writes after the export: it is read, and the police know of it, or somebody is reminded until they do."""

import json
from datetime import date, timedelta
from functools import partial

import pytest
from django.utils import timezone

from reports.domain.audit import columns, findings, staleness
from reports.domain.errors import AlreadyReferred, EditConflict, Hidden, NoSuchMove, Refused
from reports.domain.referrals import (
    contents,
    corrections,
    departure,
    police_referrals,
    urgent_calls,
)
from reports.domain.retention import schedule
from reports.domain.tips import opening, recusal
from reports.domain.tips.metadata import monday
from reports.domain.triage import triaging
from reports.graphics import pdf
from reports.models import AuditEvent, Confirmation, Correction, ExportedPart, Note, Referral, Tip
from reports.sealing import receipts
from tests.factories import make_user, shown
from tests.reports import handing, purging, telling
from tests.reports.handing import approve, approved, make_ready, rewrite

CHANGED = "The house has another number."
DAY = date(2026, 12, 2)


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    tip = telling.tell("A grey van comes to number 14 every night.", token=token, police="words")
    make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def left(tip, caseworker, second, keys):
    """Return a referral that has left."""
    referral = approved(tip, by=caseworker, second=second, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    return referral


@pytest.fixture
def judge(tip, caseworker, keys):
    """Return a function that reads the tip and judges all that has come."""

    def judged(**facts):
        opening.read(tip=tip, by=caseworker, keys=keys)
        given = {
            "position": tip.entries.count(),
            "seen": staleness.now(),
            "by": caseworker,
            "keys": keys,
        }
        corrections.judge(tip=tip, **given | facts)

    return judged


@pytest.fixture
def announce(tip, caseworker, keys):
    return lambda **facts: corrections.announce(
        tip=tip, seen=staleness.now(), by=caseworker, keys=keys, **facts
    )


def state(tip):
    """Return of each report of a tip that left what the police must know, and whether its sender wrote since."""
    return [(row.correction, row.wrote_since) for row in corrections.standing().filter(tip=tip)]


def reminds(user):
    return [
        row.tip.reference
        for row in corrections.waiting(user=user)
        if row.correction == Correction.NEEDED
    ]


def whole(referral, keys):
    return not findings.compare(columns.of_referrals([referral]), proof=keys.audit_keys)


def correct(first, *, by, second, keys):
    """Draft a correction, let two approve it, and export it."""
    new = corrections.begin(referral=first, changed=CHANGED, by=by, keys=keys)
    for member in (by, second):
        approve(new, by=member, keys=keys)
    handing.export(new, by=by, keys=keys)
    return new


def test_a_message_after_the_export_is_said_until_somebody_has_judged_it(
    *,
    token,
    tip,
    left,
    judge,
    caseworker,
    keys,
):
    assert state(tip) == [("", False)]
    telling.reply(token=token, text="Thank you.", after=0)
    assert state(tip) == [("", True)]
    opening.read(tip=tip, by=caseworker, keys=keys)
    triaging.leave_as_it_is(tip=Tip.objects.get(pk=tip.pk), by=caseworker)
    assert state(tip) == [("", True)], "to read it is not to judge it"
    assert [row.tip for row in corrections.waiting(user=caseworker)] == [tip], (
        "nor is that nothing changes here"
    )
    judge(must_know=False)
    assert (state(tip), reminds(caseworker)) == ([("", False)], [])
    assert whole(left, keys)
    told = AuditEvent.objects.filter(act="changes-nothing").values_list(
        "subject", "actor", "detail"
    )
    assert set(map(str, told)) == {
        str((tip.reference, "olu", {"entry": 2})),
        str((left.reference, "olu", {})),
    }


def test_what_the_member_has_not_read_they_do_not_judge(token, tip, left, caseworker, keys):
    telling.reply(token=token, text="It is 41.", after=0)
    facts = {"tip": tip, "position": 99, "by": caseworker, "keys": keys}
    corrections.judge(must_know=False, seen=staleness.now(), **facts)
    assert state(tip) == [("", True)]


def test_that_the_police_must_know_stands_until_somebody_told_them(
    *,
    token,
    tip,
    left,
    judge,
    announce,
    caseworker,
    second,
    keys,
):
    telling.reply(token=token, text="It is 41.", after=0)
    with pytest.raises(Refused, match="Nobody said that the police must know something"):
        announce(who="PC Doe", when="now")
    judge(must_know=True)
    assert (state(tip), reminds(caseworker), reminds(second)) == (
        [("needed", False)],
        *[[tip.reference]] * 2,
    )
    telling.reply(token=token, text="Thank you.", after=0)
    judge(must_know=False)
    assert reminds(caseworker) == [tip.reference], "a later thank you takes nothing back"
    with pytest.raises(Refused, match="Enter who at the police you told, and when"):
        announce(who="PC Doe", when=" ")
    announce(who="PC Doe on 101", when="3 Dec, 10:15")
    assert (state(tip), reminds(caseworker)) == ([("announced", False)], [])
    (note,) = [remark.text for remark in opening.read(tip=tip, by=caseworker, keys=keys).notes]
    told = f"I told the police: “Do not act on {left.reference}, a correction follows.”"
    assert note == f"{told} Who: PC Doe on 101. When: 3 Dec, 10:15."
    assert not any(b"PC Doe" in bytes(row.sealed) for row in Note.objects.all())
    assert whole(left, keys)
    assert not urgent_calls.waiting(
        user=second, today=timezone.localdate() + timedelta(days=9)
    ).exists(), "is no call"


def test_a_press_by_mistake_is_taken_back_and_a_stale_page_takes_nothing_back(
    tip, left, judge, caseworker
):
    before = staleness.now()
    judge(must_know=True)
    with pytest.raises(EditConflict):
        judge(must_know=False, seen=before)
    assert reminds(caseworker) == [tip.reference]
    judge(must_know=False)
    assert reminds(caseworker) == []


def test_only_who_has_read_as_far_takes_back_that_the_police_must_know(
    tip, left, judge, caseworker
):
    judge(must_know=True)
    judge(must_know=False, position=0)
    assert reminds(caseworker) == [tip.reference]
    judge(must_know=False)
    assert reminds(caseworker) == []


def test_who_may_not_refer_or_knows_somebody_judges_nothing_and_is_told_nothing(
    tip, left, judge, team_lead, keys
):
    judge(must_know=True)
    with pytest.raises(Refused, match="Your role does not let you"):
        judge(must_know=True, by=make_user("ed", "Editor"))
    recusal.recuse(tip=tip, by=team_lead, reason="My neighbour.", keys=keys)
    with pytest.raises(Hidden):
        judge(must_know=True, by=team_lead)
    assert reminds(team_lead) == []


def test_nothing_is_judged_of_a_tip_that_has_not_left(tip, judge):
    with pytest.raises(Refused, match="No police referral with this tip has left"):
        judge(must_know=True)


def test_a_correction_names_the_first_says_what_has_changed_and_ends_the_reminder(
    *,
    tip,
    left,
    judge,
    caseworker,
    second,
    keys,
):
    judge(must_know=True)
    rewrite(tip, by=caseworker, keys=keys, text="It is number 41.")
    new = corrections.begin(referral=left, changed=f" {CHANGED} ", by=caseworker, keys=keys)
    content = contents.content(referral=new, keys=keys)
    assert content.document["corrects"] == {"referral": left.reference, "changed": CHANGED}
    assert (content.corrects, content.changed, content.hindrances) == (left.reference, CHANGED, [])
    police_referrals.name_danger(
        referral=new, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    assert contents.content(referral=new, keys=keys).document["corrects"]["changed"] == CHANGED, (
        "it stays with it"
    )
    for member in (caseworker, second):
        approve(new, by=member, keys=keys)
    assert reminds(caseworker) == [tip.reference], "until it has left"
    file = handing.export(new, by=caseworker, keys=keys)
    assert json.loads(file.data)["content"]["corrects"]["referral"] == left.reference
    assert reminds(caseworker) == []
    assert [row.referral for row in corrections.standing().filter(tip=tip)] == [new], (
        "the first is done with"
    )
    assert (whole(left, keys), whole(new, keys)) == (True, True)
    acts = AuditEvent.objects.filter(
        subject=left.reference, act__in=["began-correction", "corrected"]
    ).order_by("seq")
    assert [(event.act, event.detail) for event in acts] == [
        (act, {"referral": new.reference}) for act in ("began-correction", "corrected")
    ]


def test_the_pdf_names_the_referral_that_it_corrects(tip, left, caseworker, keys):
    new = corrections.begin(referral=left, changed=CHANGED, by=caseworker, keys=keys)
    document = contents.content(referral=new, keys=keys).document
    assert pdf.printed(
        {"content": document, "approvals": [], "one_signature": False}, digest="0" * 64, day=DAY
    )
    drawn = [
        piece.getPlainText() for piece in pdf._head(document, DAY) if hasattr(piece, "getPlainText")
    ]
    assert f"This corrects police referral {left.reference}. Please use this one instead." in drawn
    assert CHANGED in drawn


def test_a_correction_is_of_the_tips_of_which_the_police_must_know(
    *, tip, caseworker, second, keys
):
    other = telling.tell("A red car.", police="yes")
    make_ready(other, by=caseworker, keys=keys)
    first = police_referrals.draft(tips=[tip, other], by=caseworker, keys=keys)
    for member in (caseworker, second):
        approve(first, by=member, keys=keys)
    handing.export(first, by=caseworker, keys=keys)
    opening.read(tip=other, by=caseworker, keys=keys)
    facts = {"position": 1, "seen": staleness.now(), "by": caseworker, "keys": keys}
    corrections.judge(tip=other, must_know=True, **facts)
    new = corrections.begin(referral=first, changed=CHANGED, by=caseworker, keys=keys)
    assert [part.tip for part in new.parts.all()] == [other]
    police_referrals.withdraw(referral=new, by=caseworker)
    ExportedPart.objects.update(correction="")
    again = corrections.begin(referral=first, changed=CHANGED, by=caseworker, keys=keys)
    assert [part.tip for part in again.parts.all()] == [tip, other], (
        "all, where nobody said so of any"
    )


def test_only_what_has_left_is_corrected_and_not_twice_at_a_time(
    tip, left, caseworker, second, keys
):
    other = handing.draft_again(tips=[tip], by=caseworker)
    begin = partial(corrections.begin, by=caseworker, keys=keys)
    with pytest.raises(Refused, match="This referral has not left"):
        begin(referral=other, changed=CHANGED)
    with pytest.raises(AlreadyReferred, match=f"{tip.reference} is in {other.reference}."):
        begin(referral=left, changed=CHANGED)
    police_referrals.withdraw(referral=other, by=caseworker)
    with pytest.raises(Refused, match="Write what has changed"):
        begin(referral=left, changed=" ")
    new = correct(left, by=caseworker, second=second, keys=keys)
    assert begin(referral=new, changed=CHANGED).parts.count() == 1, "a correction is corrected, too"


def test_what_has_changed_passes_the_checks_of_other_texts(tip, left, caseworker, keys):
    begin = partial(corrections.begin, referral=left, by=caseworker, keys=keys)
    with pytest.raises(
        Refused, match="in your own words: “A grey van comes to number 14 every night”"
    ):
        begin(changed="A grey van comes to number 14 every night, they wrote.")
    assert Referral.objects.count() == 1
    new = begin(changed=CHANGED)
    reword = partial(corrections.reword, referral=new, by=caseworker, keys=keys)
    with pytest.raises(Refused, match="in your own words"):
        reword(changed="A grey van comes to number 14 every night.")
    approve(new, by=caseworker, keys=keys)
    reword(changed="The number is 41.")
    new.refresh_from_db()
    content = contents.content(referral=new, keys=keys)
    assert (content.changed, content.corrects, new.status) == (
        "The number is 41.",
        left.reference,
        "drafted",
    )
    assert content.hindrances == []
    with pytest.raises(NoSuchMove):
        corrections.reword(referral=left, changed=CHANGED, by=caseworker, keys=keys)
    police_referrals.withdraw(referral=new, by=caseworker)
    plain = handing.draft_again(tips=[tip], by=caseworker)
    with pytest.raises(Refused, match="This referral corrects no other"):
        corrections.reword(referral=plain, changed=CHANGED, by=caseworker, keys=keys)


def test_the_senders_own_contact_details_stand_in_no_correction(token, tip, left, caseworker, keys):
    telling.tell("A van.", token=token, police="words", contact_details="07700 900123, Marzena")
    with pytest.raises(
        Refused, match="What has changed includes some of the sender’s contact details"
    ):
        corrections.begin(referral=left, changed="Ask Marzena.", by=caseworker, keys=keys)


class TestTakeBack:
    """A team lead takes a receipt back until the first of its tips was deleted."""

    @pytest.fixture
    def confirmed(self, left, caseworker, keys):
        told = {
            "by": caseworker,
            "keys": keys,
            "reauthentication": shown(caseworker),
        }
        departure.confirm(referral=left, reference="URN 1", who="PC Doe", **told)
        left.refresh_from_db()
        return left

    @pytest.fixture
    def take_back(self, confirmed, second, keys):
        facts = {"by": second, "keys": keys, "reauthentication": shown(second)}
        return lambda **other: departure.take_back(referral=confirmed, **facts | other)

    def test_the_referral_is_exported_again_and_its_tips_are_not_confirmed(
        self, confirmed, take_back, tip
    ):
        before = Tip.objects.values().get()
        take_back()
        assert Tip.objects.values().get() == before | {"confirmed": None}
        assert (Referral.objects.get().status, Confirmation.objects.count()) == ("exported", 0)
        tip.refresh_from_db()
        assert (tip.status, schedule.due_on(tip)) == ("passed_on", None)
        subjects = AuditEvent.objects.filter(act="took-back-receipt").values_list(
            "subject", flat=True
        )
        assert set(subjects) == {confirmed.reference, tip.reference}

    def test_it_takes_a_team_lead_and_their_words(self, take_back, caseworker, second):
        with pytest.raises(Refused, match="Only a team lead can do this"):
            take_back(by=caseworker, reauthentication=shown(caseworker))
        with pytest.raises(Refused, match="Confirm first that it is you"):
            take_back(reauthentication=shown(caseworker))
        assert Confirmation.objects.exists()

    @pytest.mark.parametrize("newest", ["receipt", "call"])
    def test_confirmed_is_that_of_the_newest_other_receipt_or_checked_call(
        self,
        *,
        newest,
        tip,
        take_back,
        caseworker,
        second,
        keys,
    ):
        other = approved(tip, by=caseworker, second=second, keys=keys)
        handing.export(other, by=caseworker, keys=keys)
        told = {
            "by": caseworker,
            "keys": keys,
            "reauthentication": shown(caseworker),
        }
        departure.confirm(referral=other, reference="URN 2", who="PC Doe", **told)
        call = {
            "to": "999",
            "whom": "PC Doe",
            "when": "now",
            "ground": "life",
            "danger": "A knife.",
        }
        made = urgent_calls.add(tip=tip, **call, by=caseworker, keys=keys)
        urgent_calls.review(call=made, result="Right.", by=second, keys=keys)
        today, earlier = timezone.localdate(), timezone.localdate() - timedelta(days=21)
        Confirmation.objects.filter(referral=other).update(
            since=today if newest == "receipt" else earlier
        )
        made.__class__.objects.update(reviewed_on=today if newest == "call" else earlier)
        take_back()
        assert Tip.objects.get(pk=tip.pk).confirmed == monday(today)

    def test_not_once_one_of_its_tips_was_deleted(self, *, confirmed, caseworker, second, keys):
        tips = [telling.tell(f"A van, {number}.", police="yes") for number in range(2)]
        for one in tips:
            make_ready(one, by=caseworker, keys=keys)
        two = police_referrals.draft(tips=tips, by=caseworker, keys=keys)
        for member in (caseworker, second):
            approve(two, by=member, keys=keys)
        handing.export(two, by=caseworker, keys=keys)
        told = {
            "by": caseworker,
            "keys": keys,
            "reauthentication": shown(caseworker),
        }
        departure.confirm(referral=two, reference="URN 2", who="PC Doe", **told)
        week = monday(timezone.localdate() - timedelta(days=300))
        purging.decide(tips[0], status="passed_on", week=week)
        Tip.objects.filter(pk=tips[0].pk).update(confirmed=week)
        assert schedule.delete_due(today=timezone.localdate()) == 1
        two.refresh_from_db()
        with pytest.raises(Refused, match="One of its tips was deleted because of this receipt"):
            departure.take_back(referral=two, by=second, keys=keys, reauthentication=shown(second))

    def test_confirming_takes_the_members_words(self, left, caseworker, second, keys):
        facts = {
            "reference": "URN 1",
            "who": "PC Doe",
            "by": caseworker,
            "keys": keys,
        }
        with pytest.raises(Refused, match="Confirm first that it is you"):
            departure.confirm(referral=left, **facts, reauthentication=shown(second))
        assert not Confirmation.objects.exists()


def test_a_correction_that_left_is_not_withdrawn_and_what_it_replaced_stays(
    *, left, judge, caseworker, second, keys
):
    judge(must_know=True)
    new = correct(left, by=caseworker, second=second, keys=keys)
    with pytest.raises(Refused, match="This correction has left, so the police have it"):
        police_referrals.withdraw(referral=new, by=caseworker)
    with pytest.raises(Refused, match="A correction of this referral has left"):
        handing.export(left, by=caseworker, keys=keys)
    handing.export(new, by=caseworker, keys=keys)
    police_referrals.withdraw(referral=left, by=caseworker)
    assert left.status != Referral.objects.get(pk=left.pk).status, "the control"


def test_what_left_does_not_leave_again_with_another_tip(*, tip, left, send, caseworker, keys):
    """Its sender could have said no by now, and the other one yes."""
    other = send(police="yes")
    make_ready(other, by=caseworker, keys=keys)
    left.parts.update(tip=other)
    with pytest.raises(Refused):
        handing.export(left, by=caseworker, keys=keys)


def test_a_correction_that_is_owed_keeps_its_tip(tip, left, judge, caseworker):
    judge(must_know=True)
    Tip.objects.filter(pk=tip.pk).update(unread=False, new_answer=False)
    purging.decide(tip, status="no_action", week=monday(timezone.localdate()))
    day = timezone.localdate() + timedelta(days=200)
    assert not schedule.due(by=day).filter(pk=tip.pk).exists()
    judge(must_know=False)
    assert schedule.due(by=day).filter(pk=tip.pk).exists(), "the control"
