"""Who approves a referral has read each of its tips, on the tip's own page, and the paper says so only then."""

import io
import json
import uuid
from datetime import timedelta
from functools import partial

import pypdf
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.domain.audit import audit_log, staleness
from reports.domain.errors import Refused
from reports.domain.intake import outbox, recorded_tips
from reports.domain.people import accounts
from reports.domain.referrals import approvals, contents, own_words, police_referrals, readings
from reports.domain.tips import opening, recusal
from reports.models import Approval, AuditAct, AuditEvent, Entry, Tip
from reports.sealing import receipts
from tests.factories import make_user, shown
from tests.reports import telling
from tests.reports.handing import (
    approve,
    export,
    keyholder,
    make_ready,
    newest_keys,
    signed_earlier,
)

TEXT = "A grey van comes to the garages every night at nine."
FIRST = "Before you approve, read each of these tips on its own page, with all that came later: {}."
READ = "member of the Streetlight team, has read this tip"


def ready(token, *, by, keys, **answers):
    tip = telling.tell(
        TEXT, token=token, **{"police": "yes", "kind": "street", "area": "olney"} | answers
    )
    make_ready(tip, by=by, keys=keys)
    return tip


def from_the_referral_alone(referral, *, by, keys):
    """Approve a referral as who has read its page, and no page of a tip."""
    referral.refresh_from_db()
    police_referrals.read(referral=referral, by=by, keys=keys)
    police_referrals.approve(referral=referral, by=by, keys=keys, reauthentication=shown(by))
    referral.refresh_from_db()


def alone(referral, *, by, keys):
    """Let a lone keyholder's approval count, a day after it was given."""
    facts = {"keys": keys, "by": by, "reauthentication": shown(by), "now": timezone.now()}
    police_referrals.read(referral=referral, by=by, keys=keys)
    police_referrals.approve_alone(referral=referral, **facts)
    referral.refresh_from_db()


def printed(referral, *, by, keys):
    data = export(referral, by=by, keys=keys, kind="pdf").data
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    """Return a tip that the caseworker has read and put in our words."""
    return ready(token, by=caseworker, keys=keys)


@pytest.mark.promise(
    "police", control="test_control_what_was_approved_without_a_reading_says_nothing_of_one"
)
def test_nobody_approves_a_tip_that_they_have_not_read_on_its_own_page(
    tip, referral, caseworker, second, keys
):
    """Nobody approves a police referral before they have read each of its tips, and the paper says that they have."""
    approve(referral, by=caseworker, keys=keys)
    with pytest.raises(Refused) as refusal:
        from_the_referral_alone(referral, by=second, keys=keys)
    assert str(refusal.value) == FIRST.format(tip.reference)
    opening.glimpse(tips=[tip], by=second, keys=keys)
    with pytest.raises(Refused, match="Before you approve, read"):
        from_the_referral_alone(referral, by=second, keys=keys)
    opening.read(tip=tip, by=second, keys=keys)
    from_the_referral_alone(referral, by=second, keys=keys)
    events = AuditEvent.objects.filter(
        act="approved-referral", subject=referral.reference
    ).order_by("seq")
    assert [(event.actor, event.detail) for event in events] == [
        ("olu", {"read": True}),
        ("lena", {"read": True}),
    ]
    whole = json.loads(
        police_referrals.document(contents.content(referral=referral, keys=keys), referral)
    )
    assert [approval["has_read"] for approval in whole["approvals"]] == [True, True]
    assert printed(referral, by=caseworker, keys=keys).count(READ) == 2


def test_control_what_was_approved_without_a_reading_says_nothing_of_one(
    *,
    tip,
    referral,
    caseworker,
    second,
    keys,
    monkeypatch,
):
    with monkeypatch.context() as before:  # as approvals were, before they asked for it
        before.setattr(readings, "require_read", lambda *_content, **_by: None)
        before.setattr(
            police_referrals, "log_event", partial(_without_reading, police_referrals.log_event)
        )
        for by in (caseworker, second):
            from_the_referral_alone(referral, by=by, keys=keys)
    assert AuditEvent.objects.filter(act="read", actor="lena").count() == 0
    text = printed(
        referral, by=caseworker, keys=keys
    )  # the same digest: it leaves, as it was approved
    assert (text.count("member of the Streetlight team"), text.count(READ)) == (2, 0)


def _without_reading(log_event, **facts):
    log_event(**{name: fact for name, fact in facts.items() if name != "read"})


def test_what_came_later_is_read_by_each_before_they_approve_again(
    *, token, tip, referral, caseworker, second, keys
):
    for by in (caseworker, second):
        approve(referral, by=by, keys=keys)
    telling.reply(
        token=token, text="I have changed my mind. Please do not give this to the police.", after=0
    )
    opening.read(tip=tip, by=caseworker, keys=keys)
    own_words.still_holds(tip=tip, position=2, seen=staleness.now(), by=caseworker, keys=keys)
    from_the_referral_alone(referral, by=caseworker, keys=keys)
    with pytest.raises(Refused) as refusal:
        from_the_referral_alone(referral, by=second, keys=keys)
    assert str(refusal.value) == FIRST.format(tip.reference)
    content = contents.content(referral=referral, keys=keys)
    assert readings.up_to(tips=[tip], by=second) == {tip.reference: 1}
    assert [text.row.position for text in content.reports[0].texts] == [1, 2]
    opening.read(tip=tip, by=second, keys=keys)
    from_the_referral_alone(referral, by=second, keys=keys)
    assert referral.status == "approved"


def test_of_several_tips_all_are_named_and_asked_for_in_one_query(tip, caseworker, second, keys):
    tips = [tip, *(ready(receipts.new_token(), by=caseworker, keys=keys) for _ in range(2))]
    referral = police_referrals.draft(tips=tips, by=caseworker, keys=keys)
    opening.read(tip=tips[1], by=second, keys=keys)
    content = contents.content(referral=referral, keys=keys)
    with CaptureQueriesContext(connection) as queries:
        unread = readings.unread(content, by=second)
    assert (unread, len(queries)) == ([tips[0], tips[2]], 1)
    with pytest.raises(Refused, match=f"{tips[0].reference}, {tips[2].reference}"):
        from_the_referral_alone(referral, by=second, keys=keys)


def test_a_part_that_does_not_open_is_asked_of_nobody(tip, referral, second, keys):
    opening.read(tip=tip, by=second, keys=keys)
    rest = {
        "tag": "t",
        "position": 2,
        "received": tip.received,
        "key_index": 1,
        "sealed": b"rubbish",
    }
    Entry.objects.create(id=uuid.uuid4(), tip=tip, **rest)
    content = contents.content(referral=referral, keys=keys)
    broken = "We cannot read one part of this tip, so we do not know all that its sender said. Tell a team lead."
    assert (readings.unread(content, by=second), content.hindrances) == (
        [],
        [f"{tip.reference}: {broken}"],
    )


class TestDanger:
    """With a ground each has read what had come when our wording was saved; what came later is said, and waits for."""

    @pytest.fixture
    def endangered(self, token, caseworker, keys):
        tip = ready(token, by=caseworker, keys=keys, police="no")
        referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
        facts = {"ground": "life", "reason": "He has a knife.", "by": caseworker, "keys": keys}
        referral = police_referrals.name_danger(referral=referral, **facts)
        telling.reply(token=token, text="He is outside now.", after=0)
        rest = {
            "tag": "t",
            "position": 3,
            "received": tip.received,
            "key_index": 1,
            "sealed": b"rubbish",
        }
        Entry.objects.create(id=uuid.uuid4(), tip=tip, **rest)
        return referral

    def test_it_leaves_without_what_came_later_and_says_so(
        self, endangered, caseworker, second, keys
    ):
        tip = endangered.parts.get().tip
        with pytest.raises(Refused, match="Before you approve, read"):
            from_the_referral_alone(endangered, by=second, keys=keys)
        at_first = AuditEvent.objects.filter(
            act="read", actor="olu", subject=tip.reference
        ).order_by("-seq")[0]
        audit_log.record(
            by=second, act=AuditAct.READ, subject=tip.reference, parts=at_first.detail["parts"]
        )
        content = contents.content(referral=endangered, keys=keys)
        later = "The sender wrote again after our wording. If you can, read it first."
        assert (content.hindrances, content.warnings) == ([], [f"{tip.reference}: {later}"])
        assert readings.up_to(tips=[tip], by=second) == {tip.reference: 1}
        for by in (caseworker, second):
            from_the_referral_alone(endangered, by=by, keys=keys)
        assert READ in printed(endangered, by=caseworker, keys=keys)

    def test_wording_that_nobody_had_read_for_does_not_make_it_less(self, endangered, second, keys):
        tip = endangered.parts.get().tip
        words = {"text": "A man there has a knife.", "removed": "", "contact": "", "stays": {}}
        own_words.save(tip=tip, **words, position=0, seen=staleness.now(), by=second, keys=keys)
        content = contents.content(referral=endangered, keys=keys)
        assert (content.reports[0].wording.position, readings.unread(content, by=second)) == (
            0,
            [tip],
        )


class TestPeople:
    """Who can send it, and where nobody can, who it takes and from when."""

    def lacking(self, referral, keys):
        content = contents.content(referral=referral, keys=keys)
        facts = {"typists": content.typists, "needs_team_lead": content.needs_team_lead}
        return approvals.lacking(referral=referral, **facts)

    @pytest.mark.parametrize("police", ["yes", ""])
    def test_a_lone_team_lead_reads_approves_and_sends_it_a_day_later(
        self, token, team_lead, keys, caseworker, police
    ):
        caseworker.member.delete()
        keyholder(team_lead)
        tip = ready(token, by=team_lead, keys=keys, police=police)
        referral = police_referrals.draft(tips=[tip], by=team_lead, keys=keys)
        assert self.lacking(referral, keys) == ""
        approve(referral, by=team_lead, keys=keys)
        signed_earlier(referral.approvals.get(), keys=keys)
        alone(referral, by=team_lead, keys=keys)
        assert READ in printed(referral, by=team_lead, keys=keys)

    def test_a_lone_caseworker_sends_a_yes_and_is_told_that_the_rest_takes_a_team_lead(
        self, token, caseworker, keys
    ):
        referral = police_referrals.draft(
            tips=[ready(token, by=caseworker, keys=keys)], by=caseworker, keys=keys
        )
        assert self.lacking(referral, keys) == ""
        approve(referral, by=caseworker, keys=keys)
        signed_earlier(referral.approvals.get(), keys=keys)
        alone(referral, by=caseworker, keys=keys)
        assert READ in printed(referral, by=caseworker, keys=keys)
        left_open = ready(receipts.new_token(), by=caseworker, keys=keys, police="")
        other = police_referrals.draft(tips=[left_open], by=caseworker, keys=keys)
        said = self.lacking(other, keys)
        assert said.startswith(
            "A team lead must approve this, and no team lead here can. Seven days after one gets"
        )

    def test_a_lone_keyholder_who_approved_before_has_read_it_when_it_counts(
        self, tip, referral, caseworker, keys
    ):
        approve(referral, by=caseworker, keys=keys)
        signed_earlier(
            referral.approvals.get(), keys=keys
        )  # an event that says nothing of a reading
        assert approvals.have_read(referral=referral) == set()
        alone(referral, by=caseworker, keys=keys)
        assert approvals.have_read(referral=referral) == {"olu"}

    def test_two_people_of_whom_one_knows_somebody_are_too_few_and_three_are_not(
        self, tip, referral, second, keys
    ):
        assert self.lacking(referral, keys) == ""
        recusal.recuse(tip=tip, by=second, reason="My cousin.", keys=newest_keys())
        said = self.lacking(referral, keys)
        assert said.startswith(
            "Not enough people here can approve this. A team lead can give another team member access"
        )
        approve(referral, by=User.objects.get(username="olu"), keys=keys)
        assert self.lacking(referral, keys) == said, "the first approval does not help"
        keyholder(make_user("cora", "Caseworker"))
        assert self.lacking(referral, keys) == ""

    def test_three_of_whom_one_typed_it_are_enough(self, token, caseworker, keys, second):
        answers = {"what": TEXT, "police": "yes"}
        recorded_tips.store(token=token, answers=answers, channel="phone", by=caseworker)
        outbox.drain()
        typed = Tip.objects.get(lookup=receipts.lookup(token))
        make_ready(typed, by=caseworker, keys=keys)
        referral = police_referrals.draft(tips=[typed], by=caseworker, keys=keys)
        assert self.lacking(referral, keys) == "", "two: the typist too"
        cora = keyholder(make_user("cora", "Caseworker"))
        assert self.lacking(referral, keys) == "", "three: the two others"
        for by in (second, cora):
            approve(referral, by=by, keys=keys)
        assert READ in printed(referral, by=caseworker, keys=keys)

    def test_who_is_too_new_is_waited_for(self, tip, referral, second, keys):
        accounts.log_event(user=second, by=second, act=AuditAct.STARTED_AGAIN)
        assert self.lacking(referral, keys) == ""
        from_when = dict(approvals.can_approve(referral=referral))
        assert from_when["lena"] is not None
        assert from_when["lena"] > timezone.now() + timedelta(days=6)
        assert Approval.objects.count() == 0
