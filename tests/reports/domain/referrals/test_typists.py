"""Who typed a tip for its sender neither approves its referral nor undoes a "no", where enough others count."""

import io
import json

import pypdf
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.admin.pages.history import in_words
from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving, recorded_tips
from reports.domain.people import accounts
from reports.domain.referrals import (
    approvals,
    changed_answer,
    consent,
    contents,
    police_referrals,
    urgent_calls,
)
from reports.domain.tips import opening, recusal
from reports.domain.triage import relations
from reports.graphics import pdf
from reports.models import AuditAct, AuditEvent, ReferralPart, Tip
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import forging
from tests.reports.handing import approve, keyholder, make_ready, newest_keys
from tests.reports.mailboxes import TOKEN


def typed(by, keys, *, token=TOKEN, what="A van."):
    """Return a ready tip that a member typed."""
    recorded_tips.store(
        token=token, answers={"what": what, "police": "yes"}, channel="phone", by=by
    )
    outbox.drain()
    tip = Tip.objects.get(lookup=receipts.lookup(token))
    make_ready(tip, by=by, keys=keys)
    return tip


@pytest.fixture
def referral(caseworker, keys):
    """Return a referral of a tip that olu typed; olu is a keyholder."""
    return police_referrals.draft(
        tips=[typed(caseworker, keys)], by=keyholder(caseworker), keys=keys
    )


def lead(name="lena"):
    """Return a team lead who can open tips."""
    return keyholder(make_user(name, "Team lead"))


def colleague(name="cora"):
    """Return a caseworker who can open tips."""
    return keyholder(make_user(name, "Caseworker"))


def kept_from(referral, user, keys):
    """Return why a member may not approve a referral."""
    content = contents.content(referral=referral, keys=keys)
    return approvals.kept_from(by=user, typists=content.typists)


def whole(referral, keys):
    """Return an approved referral as it leaves."""
    referral.refresh_from_db()
    return json.loads(
        police_referrals.document(contents.content(referral=referral, keys=keys), referral)
    )  # type: ignore[no-any-return]


def test_a_typist_does_not_approve_where_two_others_can(referral, caseworker, keys):
    others = [lead(), colleague()]
    with pytest.raises(Refused, match="two other people have to approve it"):
        approve(referral, by=caseworker, keys=keys)
    approve(referral, by=others[0], keys=keys)
    with pytest.raises(Refused, match="two other people have to approve it"):
        approve(referral, by=caseworker, keys=keys)
    approve(referral, by=others[1], keys=keys)
    assert referral.status == "approved"


@pytest.mark.parametrize(
    "beside", [["lena"], ["cora", "cleo"]], ids=["one other", "others without a team lead"]
)
def test_a_typist_approves_where_it_takes_them_and_the_log_says_so(
    referral, caseworker, keys, beside
):
    for name in beside:
        lead() if name == "lena" else colleague(name)
    approve(referral, by=caseworker, keys=keys)
    assert referral.status == "approved_once"
    event = AuditEvent.objects.filter(act="approved-referral", subject=referral.reference).get()
    assert event.detail["typed"] is True
    assert "they typed the tip" in in_words(event)
    if beside == ["lena"]:
        approve(referral, by=User.objects.get(username="lena"), keys=keys)
        assert (
            AuditEvent.objects.filter(act="approved-referral", subject=referral.reference).count()
            == 2
        )
        assert (
            "typed" not in AuditEvent.objects.filter(act="approved-referral").latest("seq").detail
        )


def test_those_who_can_approve_are_named_without_the_typist(referral, keys):
    def named():
        content = contents.content(referral=referral, keys=keys)
        return {
            name
            for name, _from in approvals.can_approve(referral=referral, typists=content.typists)
        }

    lead()
    assert named() == {"lena", "olu"}
    colleague()
    assert named() == {"lena", "cora"}


def test_who_switches_a_colleague_off_waits(referral, caseworker, keys):
    """Else a minute without the other lead would be enough."""
    other = lead()
    colleague()
    User.objects.filter(pk=other.pk).update(is_active=False)
    accounts.log_event(user=other, by=caseworker, act=AuditAct.SWITCHED_OFF)
    with pytest.raises(Refused, match="was switched off"):
        approve(referral, by=caseworker, keys=keys)


def test_a_colleague_who_starts_again_is_waited_for(referral, caseworker, keys):
    """Who makes the code for a new password could start again in the colleague's place, whose account is new then."""
    other = lead()
    colleague()
    accounts.log_event(user=other, by=caseworker, act=AuditAct.LET_START_AGAIN)
    accounts.log_event(user=other, by=other, act=AuditAct.STARTED_AGAIN)
    with pytest.raises(Refused, match="so two other people have to approve it"):
        approve(referral, by=caseworker, keys=keys)


def test_each_tip_of_a_referral_is_looked_at_by_itself(caseworker, keys, send):
    """A tip that another member typed, or that another has hidden, makes nobody needed who is not needed for one."""
    cora = colleague()
    lena = lead()
    own = typed(keyholder(caseworker), keys)
    theirs = typed(cora, keys, token=receipts.new_token(), what="A moped.")
    both = police_referrals.draft(tips=[own, theirs], by=caseworker, keys=keys)
    for user in (caseworker, cora):
        assert kept_from(both, user, keys).endswith(
            "Draft a separate police referral for each tip that a team member typed."
        )
    hidden = send("Her brother.")
    recusal.recuse(tip=hidden, by=lena, reason="My brother.", keys=newest_keys())
    with_hidden = police_referrals.draft(
        tips=[own, hidden], by=caseworker, keys=keys, again=referrals_of(own)
    )
    assert kept_from(with_hidden, caseworker, keys)


def referrals_of(tip):
    """Return what a member who drafts another referral of a tip has been told."""
    return [f"{tip.reference} {part.referral_id}" for part in ReferralPart.objects.filter(tip=tip)]


def test_a_relation_that_hides_a_tip_from_the_other_lead_makes_no_typist_needed(
    referral, caseworker, keys, send
):
    lena, tip = lead(), Tip.objects.get()
    colleague()
    hidden = send("Her brother.")
    recusal.recuse(tip=hidden, by=lena, reason="My brother.", keys=newest_keys())
    lead("lou")  # or nobody else could look at it
    relations.judge(tip=tip, other=hidden, verdict="related", by=caseworker, keys=keys)
    User.objects.filter(username="lou").update(is_active=False)
    assert recusal.hides(tip=tip, user=lena)
    assert kept_from(referral, caseworker, keys)
    other = typed(caseworker, keys, token=receipts.new_token(), what="A moped.")
    recusal.recuse(tip=other, by=lena, reason="My brother.", keys=newest_keys())
    apart = police_referrals.draft(tips=[other], by=caseworker, keys=keys)
    assert kept_from(apart, caseworker, keys) == ""  # the control: by itself it is hidden from her


def test_a_relation_that_a_colleague_wrote_leaves_nobody_stuck(referral, caseworker, keys, send):
    lena, cora, tip = lead(), colleague(), Tip.objects.get()
    hidden = send("Her brother.")
    recusal.recuse(tip=hidden, by=lena, reason="My brother.", keys=newest_keys())
    relations.judge(tip=tip, other=hidden, verdict="related", by=cora, keys=keys)
    assert kept_from(referral, caseworker, keys) == "", (
        "lena cannot see it, and cora cannot do it alone"
    )


def test_who_seals_to_the_desk_makes_nobody_a_typist(caseworker, keys, send):
    tip = send(police="yes")
    forging.leave(
        tip.lookup, kind="tip", answers={"what": "More.", "recorded_by": "olu", "channel": "phone"}
    )
    outbox.drain()
    make_ready(tip, by=keyholder(caseworker), keys=keys)
    lead(), colleague()
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    assert contents.content(referral=referral, keys=keys).typists == {tip: {"olu"}}
    assert kept_from(referral, caseworker, keys) == "", "the log does not know of it"


def test_who_seals_to_the_desk_takes_nobody_out_who_could_approve(referral, caseworker, keys):
    lead(), colleague()
    forged = {"what": "More.", "police": "yes", "recorded_by": "lena", "channel": "phone"}
    forging.leave(Tip.objects.get().lookup, kind="tip", answers=forged)
    outbox.drain()
    assert kept_from(referral, caseworker, keys)


def test_a_typist_undoes_no_stricter_answer_of_the_sender_while_another_lead_could(keys, team_lead):
    tip = typed(keyholder(team_lead), keys)
    receiving.reply(token=TOKEN, text="Please do not tell them.", after=0)
    opening.open_new(by=team_lead, keys=keys)
    position = max(entry.row.position for entry in opening.open_all(tip=tip, keys=keys))
    change = changed_answer.add(tip=tip, position=position, answer="no", by=team_lead, keys=keys)
    other = lead("lou")
    with pytest.raises(Refused, match="another team lead has to do this"):
        changed_answer.undo(
            change=change, reason="They said yes on the phone.", by=team_lead, keys=keys
        )
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "no"
    User.objects.filter(pk=other.pk).update(is_active=False)
    changed_answer.undo(
        change=change, reason="They said yes on the phone.", by=team_lead, keys=keys
    )
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.detail) == ("undid-changed-answer", {"typed": True})
    assert "they typed the tip" in in_words(event)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "yes"


def test_nobody_phones_the_police_alone_on_a_typed_yes(caseworker, keys, send):
    said = {
        "to": "999",
        "whom": "7",
        "when": "9",
        "reference": "",
        "by": caseworker,
        "keys": keys,
    }
    tip = typed(caseworker, keys)
    with pytest.raises(Refused, match="A team member typed this tip"):
        urgent_calls.add(tip=tip, **said)
    urgent_calls.add(tip=tip, **said, ground="life", danger="He has a knife.")
    control = send(police="yes")
    opening.read(tip=control, by=caseworker, keys=keys)
    urgent_calls.add(tip=control, **said)


def test_the_police_are_not_told_who_typed_a_tip(referral, caseworker, keys):
    approve(referral, by=caseworker, keys=keys)
    approve(referral, by=lead(), keys=keys)
    said = whole(referral, keys)
    assert [set(approval) for approval in said["approvals"]] == [
        {"member", "role", "day", "has_read"}
    ] * 2
    paper = pypdf.PdfReader(
        io.BytesIO(pdf.printed(said, digest="0" * 64, day=timezone.localdate()))
    )
    assert "typed" not in " ".join(page.extract_text() for page in paper.pages)
