"""An urgent call: sealed, on record, and looked at by a second person, never by the one who called."""

import uuid
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.errors import DangerOpen, Refused
from reports.domain.intake import outbox, receiving
from reports.domain.people import accounts
from reports.domain.referrals import urgent_calls
from reports.domain.retention import schedule
from reports.domain.tips import opening, recusal
from reports.domain.tips.metadata import monday
from reports.domain.triage import safety
from reports.models import AuditAct, AuditEvent, Entry, Note, Tip, UrgentCall
from reports.models.urgent_calls import MISTAKEN
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import telling
from tests.reports.handing import newest_keys

SAID = {
    "to": "999",
    "whom": "Operator 7",
    "when": "21:40",
    "reference": "Log 1234",
    "ground": "life",
    "danger": "A man has a knife at her throat.",
}


@pytest.fixture
def call(send, caseworker):
    return urgent_calls.add(tip=send(), **SAID, by=caseworker, keys=newest_keys())


def test_call_is_sealed_and_on_record_without_a_word(call, keys):
    assert b"Operator" not in bytes(call.sealed)
    told = urgent_calls.content(call, keys=keys)
    assert {name: str(value) for name, value in told.items()} == SAID | {
        "to": "The police: 999 or 101",
        "ground": "Someone’s life is at risk",
    }
    event = AuditEvent.objects.get(act="called")
    assert (event.actor, event.act, event.subject, event.detail) == (
        "olu",
        "called",
        call.tip.reference,
        {},
    )


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"to": "x"}, "who you called"),
        ({"whom": " "}, "who you spoke to"),
        ({"when": ""}, "when"),
        ({"whom": "x" * 501}, "501"),
        ({"ground": ""}, "Choose the danger"),
        ({"ground": "tick"}, "Choose the danger"),
        ({"danger": " "}, "Write in a sentence who is in danger"),
    ],
)
def test_call_that_lacks_what_matters_is_refused(send, caseworker, wrong, reason):
    with pytest.raises(Refused, match=reason):
        urgent_calls.add(tip=send(), **SAID | wrong, by=caseworker, keys=newest_keys())
    assert not UrgentCall.objects.exists()


def test_second_person_looks_at_it_once_and_what_they_found_is_a_note(call, team_lead, keys):
    urgent_calls.review(
        call=call, result="Right to call. Ask for the outcome.", by=team_lead, keys=keys
    )
    call.refresh_from_db()
    assert (call.reviewed_by, call.reviewed_on) == ("lena", timezone.localdate())
    assert Note.objects.get().author == "lena"
    with pytest.raises(Refused, match="already"):
        urgent_calls.review(
            call=call, result="Me too.", by=make_user("ada", "Caseworker"), keys=keys
        )
    assert Note.objects.count() == 1


def test_a_call_by_mistake_stays_and_counts_for_nothing_until_it_is_reviewed(
    send, caseworker, team_lead, keys
):
    tip = send()
    opening.read(tip=tip, by=caseworker, keys=keys)
    call = urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    tip = Tip.objects.get()
    assert (tip.status, tip.urgent_calls.exclude(MISTAKEN).count()) == ("passed_on", 1), (
        "the control"
    )
    with pytest.raises(Refused, match="Only they can mark it"):
        urgent_calls.mark_mistaken(call=call, by=team_lead, keys=keys)
    urgent_calls.mark_mistaken(call=call, by=caseworker, keys=keys)
    call.refresh_from_db()
    assert (
        call.mistaken,
        call.police,
        call.position,
        str(urgent_calls.content(call, keys=keys)["whom"]),
    ) == (
        True,
        False,
        0,
        "Operator 7",
    )
    assert (Tip.objects.get().status, Tip.objects.told_to_police().exists()) == ("reading", False)
    assert not tip.urgent_calls.exclude(MISTAKEN).exists()
    assert not urgent_calls.waiting(
        user=team_lead, today=timezone.localdate() + timedelta(days=1)
    ).exists()
    assert (
        AuditEvent.objects.filter(act="mistaken-call", subject=tip.reference)
        .exclude(mac="")
        .count()
        == 1
    )
    with pytest.raises(Refused, match="already"):
        urgent_calls.mark_mistaken(call=call, by=caseworker, keys=keys)


def test_a_reviewed_call_is_no_mistake_any_more(call, caseworker, team_lead, keys):
    urgent_calls.review(call=call, result="Right.", by=team_lead, keys=keys)
    with pytest.raises(Refused, match="already"):
        urgent_calls.mark_mistaken(call=call, by=caseworker, keys=keys)


def test_a_call_to_the_police_closes_no_tip_whose_child_nobody_protects_yet(send, caseworker, keys):
    tip = send(under_18=True)
    opening.read(tip=tip, by=caseworker, keys=keys)
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert Tip.objects.get().decided is None
    urgent_calls.add(
        tip=tip, **SAID | {"to": "safeguarding", "ground": "child"}, by=caseworker, keys=keys
    )
    assert Tip.objects.get().decided is None, "the member decides"
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert Tip.objects.get().status == "passed_on"


def test_a_call_to_adult_safeguarding_is_about_danger_and_never_about_the_child(
    send, caseworker, keys
):
    tip = send(under_18=True, danger="yes")
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert safety.is_asked(tip=tip)
    urgent_calls.add(tip=tip, **SAID | {"to": "adults"}, by=caseworker, keys=keys)
    assert not safety.is_asked(tip=tip)
    with pytest.raises(DangerOpen, match="about a child"):
        urgent_calls.require_child_told(tip=tip, keys=keys)
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert Tip.objects.get().decided is None, "the child needs a call of its own"
    urgent_calls.add(tip=tip, **SAID | {"to": "children"}, by=caseworker, keys=keys)
    urgent_calls.require_child_told(tip=tip, keys=keys)


@pytest.mark.promise("police")
def test_the_one_who_called_never_reviews_and_the_database_holds_it(call, caseworker, keys):
    """The one who passed a tip on by phone never reviews that call."""
    with pytest.raises(Refused, match="someone else must review"):
        urgent_calls.review(call=call, result="All fine.", by=caseworker, keys=keys)
    assert not urgent_calls.has_reviewer(author="olu")
    newcomer = make_user("ada", "Caseworker")
    assert urgent_calls.has_reviewer(author="olu")
    accounts.log_event(user=newcomer, by=newcomer, act=AuditAct.STARTED_AGAIN)
    assert urgent_calls.has_reviewer(author="olu"), "who started again is waited for"
    assert "Someone else can from" in urgent_calls.no_reviewer(author="olu")
    accounts.log_event(user=newcomer, by=newcomer, act=AuditAct.JOINED)
    assert not urgent_calls.has_reviewer(author="olu")
    with pytest.raises(Refused, match="You can approve as a second person from"):
        urgent_calls.review(call=call, result="Right.", by=newcomer, keys=keys)
    with pytest.raises(IntegrityError), transaction.atomic():
        UrgentCall.objects.update(reviewed_by="olu")


def test_call_waits_from_the_next_day_for_both_and_not_for_who_hid_the_tip(
    call, caseworker, team_lead
):
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    assert not urgent_calls.waiting(user=team_lead, today=today).exists()
    assert list(urgent_calls.waiting(user=team_lead, today=tomorrow)) == [call]
    assert list(urgent_calls.waiting(user=caseworker, today=tomorrow)) == [call]
    recusal.Recusal.objects.create(tip=call.tip, user=team_lead, key_index=1, sealed=b"")
    assert not urgent_calls.waiting(user=team_lead, today=tomorrow).exists()


def test_call_whose_row_was_changed_says_so(call, keys):
    call.author = "somebody"
    assert "cannot be unlocked" in urgent_calls.content(call, keys=keys)["problem"]


class TestSenderWroteAgain:
    """What the caller had not read, or what waits, refuses no call: it asks what the call rests on."""

    CALLED: ClassVar[dict[str, str]] = SAID | {"ground": "", "danger": ""}
    ASKS = "tick “We called before this came”"

    @pytest.fixture
    def token(self):
        return receipts.new_token()

    @pytest.fixture
    def tip(self, token, passphrase):
        return telling.tell("A grey van.", token=token, police="yes")

    @pytest.fixture
    def record(self, tip, caseworker, keys):
        page = {"tip": tip, "position": 1, "by": caseworker, "keys": keys}
        opening.read(tip=tip, by=caseworker, keys=keys)
        return lambda **typed: urgent_calls.add(**self.CALLED | page | typed)

    @pytest.mark.promise("police")
    @pytest.mark.parametrize("came", ["waits", "reply", "no"])
    def test_call_on_a_yes_takes_a_ground_or_that_it_came_first(
        self, came, token, tip, record, keys
    ):
        """The record of a call is never refused for what waits or was not read."""
        if came == "no":
            receiving.accept(token=token, answers={"what": "Please don't.", "police": "no"})
        else:
            receiving.reply(token=token, text="Please don't.", after=0)
        if came != "waits":
            outbox.drain()
        for position in (
            1,
            99,
        ):  # the second is not what the caller has read, whatever a page sends
            with pytest.raises(Refused, match=self.ASKS):
                record(position=position)
        grounded = record(ground="life", danger="A knife.")
        assert not urgent_calls.needs_team_lead(grounded, urgent_calls.content(grounded, keys=keys))
        call = record(called_before=True)
        assert (call.position, call.police) == (1, True)
        assert urgent_calls.content(call, keys=keys)["called_before"] == "yes"
        assert b"called_before" not in bytes(call.sealed)

    def test_page_that_shows_a_later_no_takes_what_came_first_and_no_more(
        self, token, record, send, caseworker, keys
    ):
        telling.tell("Please don't.", token=token, police="no")
        opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
        with pytest.raises(Refused, match="The sender does not want us to tell the police"):
            record(position=2)
        assert record(position=2, called_before=True).position == 1
        never = send("Another.", police="no")
        opening.read(tip=never, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="The sender does not want us to tell the police"):
            record(tip=never, called_before=True)

    def test_team_lead_alone_reviews_it(self, token, record, team_lead, keys):
        receiving.reply(token=token, text="Please don't.", after=0)
        ada = make_user("ada", "Caseworker")
        assert urgent_calls.has_reviewer(author="olu", team_lead=True)
        assert not urgent_calls.has_reviewer(author="lena", team_lead=True)
        call = record(called_before=True)
        with pytest.raises(Refused, match="Only a team lead can do this"):
            urgent_calls.review(call=call, result="Right.", by=ada, keys=keys)
        urgent_calls.review(call=call, result="Right.", by=team_lead, keys=keys)
        call.refresh_from_db()
        assert call.reviewed_by == "lena"

    def test_without_another_team_lead_it_waits_for_any_second_person_to_review_it(
        self, token, tip, team_lead, caseworker, keys
    ):
        receiving.reply(token=token, text="Please don't.", after=0)
        opening.read(tip=tip, by=team_lead, keys=keys)
        typed = self.CALLED | {"tip": tip, "position": 1, "by": team_lead, "keys": keys}
        call = urgent_calls.add(**typed, called_before=True)
        assert Tip.objects.get().confirmed is None, "somebody can look at it"
        urgent_calls.review(call=call, result="Right.", by=caseworker, keys=keys)
        assert Tip.objects.get().confirmed is not None


@pytest.mark.parametrize("to", ["999", "children"])
def test_call_to_the_police_passes_a_tip_on_and_no_other_call_does(
    send, caseworker, team_lead, keys, to
):
    tip = send(police="yes")
    opening.read(tip=tip, by=caseworker, keys=keys)
    urgent_calls.add(tip=tip, **SAID | {"to": to}, by=caseworker, keys=keys)
    assert Tip.objects.get().status == tip.status == ("passed_on" if to == "999" else "reading")


def test_part_that_does_not_open_may_say_no(send, caseworker, keys):
    tip = send(police="yes")
    Entry.objects.create(
        id=uuid.uuid4(), tip=tip, tag="t", received=tip.received, key_index=1, sealed=b"rubbish"
    )
    with pytest.raises(Refused, match="We cannot check now"):
        urgent_calls.add(tip=tip, **SAID | {"ground": "", "danger": " "}, by=caseworker, keys=keys)


def test_tip_is_deleted_thirty_days_after_the_second_look_and_not_before_it(
    send, caseworker, team_lead, keys
):
    tip = send()
    opening.read(tip=tip, by=caseworker, keys=keys)
    first, second = (urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys) for _ in range(2))
    week = monday(timezone.localdate())
    Tip.objects.update(decided=week - timedelta(days=700))
    far = week + timedelta(days=7000)
    urgent_calls.review(call=first, result="Right.", by=team_lead, keys=keys)
    assert schedule.due_on(Tip.objects.get()) is None  # the other call waits
    assert not schedule.due(by=far).exists()
    urgent_calls.review(call=second, result="Right too.", by=team_lead, keys=keys)
    assert schedule.due_on(Tip.objects.get()) == week + timedelta(days=30 + 6)
    assert schedule.due(by=far).exists()


def test_tip_of_a_lone_operator_is_deleted_thirty_days_after_the_call(send, caseworker, keys):
    tip = send()
    opening.read(tip=tip, by=caseworker, keys=keys)
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert schedule.due_on(Tip.objects.get()) == monday(timezone.localdate()) + timedelta(
        days=30 + 6
    )


@pytest.mark.parametrize("ends", ["closed", "unlinked"])
def test_tip_that_an_enquiry_needs_follows_when_that_ends(send, caseworker, team_lead, keys, ends):
    tip = send()
    opening.read(tip=tip, by=caseworker, keys=keys)
    enquiry = enquiries.begin_with(tip=tip, codename="loud drum", by=caseworker)
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=keys)
    assert Tip.objects.get().status == "linked"
    if ends == "closed":
        enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    else:
        enquiries.unlink(tip=tip, enquiry=enquiry, by=caseworker, keys=newest_keys())
    assert Tip.objects.get().status == "passed_on"


@pytest.mark.parametrize(
    "changes", [{"status": "spam"}, {"status": "reading", "malicious": True}, {"status": "new"}]
)
def test_call_about_what_cannot_be_passed_on_is_recorded_and_moves_nothing(
    send, caseworker, changes
):
    tip = send()
    Tip.objects.update(**changes)
    tip.refresh_from_db()
    urgent_calls.add(tip=tip, **SAID, by=caseworker, keys=newest_keys())
    assert (Tip.objects.get().status, UrgentCall.objects.count()) == (changes["status"], 1)
