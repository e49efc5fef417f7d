"""Decisions about danger: sealed, on record without a word, and looked at by a Team lead who did not make them."""

from collections.abc import Callable
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.errors import DangerOpen, Hidden, Refused
from reports.domain.people import accounts
from reports.domain.referrals import departure, urgent_calls
from reports.domain.tips import opening, recusal
from reports.domain.triage import at_end, relations, safety, triaging
from reports.domain.triage.safety import Danger
from reports.models import (
    AuditEvent,
    Enquiry,
    Label,
    Referral,
    ReferralPart,
    SafetyDecision,
    Status,
    Tip,
    Verdict,
)
from reports.models.tips import new_reference
from reports.sealing import receipts
from tests.factories import NO_DANGER, make_keyholder, make_user, shown
from tests.reports.handing import (
    approve,
    approved,
    draft_again,
    export,
    keyholder,
    make_ready,
    newest_keys,
)
from tests.reports.telling import tell

type Send = Callable[..., Tip]

SAID = {"kind": "closed", "choice": "police", "text": "  They sent a car at nine.\r\n"}


@pytest.fixture
def row(send, caseworker):
    return safety.add(tip=send(danger="yes"), **SAID, by=caseworker, keys=newest_keys())


def hide(tip, user):
    recusal.Recusal.objects.create(tip=tip, user=user, key_index=1, sealed=b"")


def a_day_later(row):
    SafetyDecision.objects.filter(pk=row.pk).update(since=timezone.localdate() - timedelta(days=1))


@pytest.fixture
def other_team_lead(roles, passphrase):
    """Return a second Team lead, who can open tips."""
    user = make_user("lou", "Team lead")
    make_keyholder(user)
    return user


@pytest.mark.parametrize(
    ("kind", "choice", "act"),
    [("closed", "We called 999 or 101", "closed-danger"), ("wrote", "", "wrote-for-safety")],
)
def test_decision_is_sealed_and_on_record_without_a_word(
    send, caseworker, team_lead, keys, *, kind, choice, act
):
    row = safety.add(tip=send(danger="yes"), **SAID | {"kind": kind}, by=caseworker, keys=keys)
    assert b"sent a car" not in bytes(row.sealed)
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.subject, event.detail) == (
        act,
        "olu",
        row.tip.reference,
        {},
    )
    said = safety.read(rows=[row], by=team_lead, keys=keys)
    assert said == {row.pk: {"choice": choice, "text": "They sent a car at nine."}}
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.subject) == ("glimpsed", "lena", row.tip.reference)
    row.kind = "wrote" if kind == "closed" else "closed"
    assert "cannot be unlocked" in safety.content(row, keys=keys)["problem"]


@pytest.mark.parametrize(
    ("wrong", "part", "reason"),
    [
        ({"choice": ""}, "choice", "Choose what was done"),
        ({"choice": "nonsense"}, "choice", "Choose what was done"),
        ({"text": " \n"}, "text", "Write a sentence"),
        ({"kind": "wrote", "text": ""}, "text", "Write a sentence"),
        ({"text": "x" * 501}, "text", "501 characters. The limit is 500"),
    ],
)
def test_decision_that_lacks_what_matters_is_refused_and_says_which_half(
    send, caseworker, wrong, part, *, reason
):
    tip = send(danger="yes")
    with pytest.raises(DangerOpen, match=reason) as refused:
        safety.add(tip=tip, **SAID | wrong, by=caseworker, keys=newest_keys())
    assert refused.value.part == part
    assert not SafetyDecision.objects.exists()
    hide(tip, caseworker)
    with pytest.raises(Hidden):
        safety.add(tip=tip, **SAID, by=caseworker, keys=newest_keys())


def test_team_lead_looks_at_it_once(row, team_lead, other_team_lead):
    assert list(safety.waiting(user=team_lead)) == [row]
    safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    stored = SafetyDecision.objects.get()
    assert (stored.looked_by, stored.looked_on) == ("lena", timezone.localdate())
    assert (row.looked_by, row.looked_on) == (stored.looked_by, stored.looked_on)
    assert AuditEvent.objects.latest("seq").act == "looked-at-danger"
    assert not safety.waiting(user=team_lead).exists()
    with pytest.raises(Refused, match="already"):
        safety.mark_reviewed(decision=row, by=other_team_lead, keys=newest_keys())


def test_who_is_no_team_lead_is_too_new_or_may_not_see_the_tip_looks_at_nothing(
    row, team_lead, other_team_lead
):
    with pytest.raises(Refused, match="Only a team lead"):
        safety.mark_reviewed(decision=row, by=make_user("ada", "Caseworker"), keys=newest_keys())
    accounts.log_event(user=team_lead, by=other_team_lead, act=accounts.AuditAct.JOINED)
    with pytest.raises(Refused, match="second person from"):
        safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    hide(row.tip, team_lead)
    assert not safety.waiting(user=team_lead).exists()
    with pytest.raises(Hidden):
        safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    safety.mark_reviewed(decision=row, by=other_team_lead, keys=newest_keys())  # the control


@pytest.mark.promise(
    "danger", control="test_lone_team_lead_looks_at_their_own_from_the_next_day_on"
)
def test_the_one_who_made_it_never_looks_at_it_where_another_can(send, team_lead, other_team_lead):
    """The one who closed an urgent tip does not look at that where another Team lead can."""
    row = safety.add(tip=send(danger="yes"), **SAID, by=team_lead, keys=newest_keys())
    a_day_later(row)
    assert not safety.waiting(user=team_lead).exists()
    with pytest.raises(Refused, match="nother team lead"):
        safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    safety.mark_reviewed(decision=row, by=other_team_lead, keys=newest_keys())  # the control


@pytest.mark.parametrize("why", ["hidden", "no key", "too new", "cannot sign in"])
def test_lone_team_lead_looks_at_their_own_from_the_next_day_on(
    send, team_lead, other_team_lead, why
):
    row = safety.add(tip=send(danger="yes"), **SAID, by=team_lead, keys=newest_keys())
    if why == "hidden":
        hide(row.tip, other_team_lead)
    elif why == "no key":
        other_team_lead.member.delete()  # type: ignore[attr-defined]
    elif why == "too new":
        accounts.log_event(user=other_team_lead, by=None, act=accounts.AuditAct.JOINED)
    else:
        User.objects.filter(pk=other_team_lead.pk).update(is_active=False)
    assert not safety.waiting(user=team_lead).exists()
    with pytest.raises(Refused, match="You made this decision"):
        safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    a_day_later(row)
    assert list(safety.waiting(user=team_lead)) == [row]
    safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())
    assert SafetyDecision.objects.get().looked_by == "lena"


@pytest.mark.parametrize("act", ["switched-off", "changed-roles", "revoked"])
def test_nobody_becomes_the_lone_team_lead_by_what_they_did_to_another(
    send, team_lead, other_team_lead, act
):
    row = safety.add(tip=send(danger="yes"), **SAID, by=team_lead, keys=newest_keys())
    a_day_later(row)
    detail = {"before": ["Team lead"], "after": ["Caseworker"]} if act == "changed-roles" else {}
    accounts.log_event(user=other_team_lead, by=team_lead, act=accounts.AuditAct(act), **detail)
    User.objects.filter(pk=other_team_lead.pk).update(is_active=False)
    assert not safety.waiting(user=team_lead).exists()
    with pytest.raises(Refused, match="You made this decision"):
        safety.mark_reviewed(decision=row, by=team_lead, keys=newest_keys())


def decide(tip, by):
    triaging.move(tip=tip, to="no_action", by=by, danger=DANGER, keys=newest_keys())


def tell_by_phone(tip, by):
    urgent_calls.add(tip=tip, **CALL, by=by, keys=newest_keys())
    Tip.objects.update(urgent=False)


NEEDS_A_LOOK = {
    "undecided": lambda tip, by: None,
    "decided": decide,
    "told": tell_by_phone,
}


@pytest.mark.parametrize("done", NEEDS_A_LOOK)
@pytest.mark.parametrize("role", ["Caseworker", "Team lead"])
def test_no_relation_takes_the_last_other_team_lead_out_of_looking(
    send, passphrase, other_team_lead, role, done
):
    by = make_user("ada", role)
    make_keyholder(by)
    tip, known = send(danger="yes"), send()
    opening.read(tip=tip, by=by, keys=newest_keys())
    NEEDS_A_LOOK[done](tip, by)
    recusal.recuse(tip=known, by=other_team_lead, reason="My neighbour.", keys=newest_keys())
    with pytest.raises(Refused, match="No other team lead could see one of these tips then"):
        relate(tip, known, by)
    recusal.require_free(tip=tip, by=other_team_lead)
    make_keyholder(make_user("kim", "Team lead"))
    relate(tip, known, by)  # the control: kim can look


def test_control_once_somebody_has_looked_a_relation_hides_it(
    send, row, caseworker, other_team_lead
):
    known = send()
    recusal.recuse(tip=known, by=other_team_lead, reason="My neighbour.", keys=newest_keys())
    Tip.objects.update(status="no_action")
    with pytest.raises(Refused, match="No other team lead"):
        relate(row.tip, known, caseworker)
    safety.mark_reviewed(decision=row, by=other_team_lead, keys=newest_keys())
    relate(row.tip, known, caseworker)
    with pytest.raises(Hidden):
        recusal.require_free(tip=row.tip, by=other_team_lead)


def relate(tip, other, by):
    relations.judge(tip=tip, other=other, verdict=Verdict.RELATED, by=by, keys=newest_keys())


OPEN = ("new", "reading", "needs_more")
CALL = {
    "to": "children",
    "whom": "The team",
    "when": "now",
    "reference": "",
    "ground": "child",
    "danger": "Yes.",
}
DANGER = Danger("safeguarding", "The contact at the council knows since noon.")


@dataclass
class At:
    """A tip, an enquiry that is under way, a referral with the tip that has left, and who acts with what."""

    token: str
    tip: Tip
    enquiry: Enquiry
    referral: Referral
    by: User
    danger: Danger | None = None

    @property
    def changes(self):
        """Return what a press of the tip's page says of the danger."""
        return decision.TipChanges(danger=self.danger) if self.danger else decision.TipChanges()

    def decide(self, *, among_others=False, **changes):
        """Save these changes of the tip."""
        found = cast("decision.Changes", self.changes | changes)
        seen = {"seen": staleness.now(), "keys": newest_keys()}
        decision.save(tip=self.tip, changes=found, **seen, by=self.by, among_others=among_others)


def unreferred(at):
    """Return it as if it had never left in the referral, which would keep its tip from being spam."""
    ReferralPart.objects.all().delete()
    Tip.objects.filter(pk=at.tip.pk).update(reference=new_reference())
    at.tip.refresh_from_db(fields=["reference"])
    return at


def move(to):
    return lambda at: triaging.move(
        tip=(unreferred(at) if to == Status.SPAM else at).tip,
        to=to,
        by=at.by,
        danger=at.danger,
        keys=newest_keys(),
    )


# Every verb that moves a tip, by hand or as what follows from it. Those of them that close one are ways out.
WAYS = {
    **{f"move to {to}": move(to) for to in Status if to not in OPEN},
    "decide": lambda at: at.decide(status="no_action"),
    "decide as spam": lambda at: unreferred(at).decide(status="spam"),
    "decide and link": lambda at: at.decide(link=[at.enquiry]),
    "decide and begin": lambda at: at.decide(begin="loud drum"),
    "link": lambda at: enquiries.link(
        tip=at.tip, enquiry=at.enquiry, by=at.by, danger=at.danger, keys=newest_keys()
    ),
    "begin with it": lambda at: enquiries.begin_with(
        tip=at.tip, codename="loud drum", by=at.by, danger=at.danger, keys=newest_keys()
    ),
    "confirm": lambda at: departure.confirm(
        referral=at.referral,
        reference="URN",
        who="PC Doe",
        by=at.by,
        danger=at.danger,
        keys=newest_keys(),
        reauthentication=shown(at.by),
    ),
}
AMONG_OTHERS = {
    "decide among others": lambda at: at.decide(status="no_action", among_others=True),
    "spam among others": lambda at: at.decide(status="spam", among_others=True),
}
STAYS = {
    "move to reading": move(Status.READING),
    "wait for an answer": lambda at: triaging.wait_for_answer(tip=at.tip, by=at.by),
    "unlink": lambda at: enquiries.unlink(tip=at.tip, enquiry=at.enquiry, by=at.by),
    "close the enquiry": lambda at: enquiries.move(
        enquiry=at.enquiry, to="closed", by=at.by, keys=newest_keys()
    ),
    "moved to the end of the queue": lambda at: at_end.move_to_end(tip=at.tip, by=at.by),
    "bring back": lambda at: at_end.move_back_up(tip=at.tip, by=at.by),
    "take": lambda at: triaging.acknowledge(tip=at.tip, by=at.by),
    "hand back": lambda at: triaging.hand_back(tip=at.tip, by=at.by),
    "give": lambda at: triaging.assign(tip=at.tip, to=at.by, by=at.by),
}


@pytest.fixture
def at(caseworker, team_lead, keys):
    """Return an urgent tip that is being read, and all that the ways out need."""
    tip = tell(
        "A child is in danger.", token=(token := receipts.new_token()), danger="yes", police="yes"
    )
    make_ready(tip, by=caseworker, keys=keys)
    referral = approved(tip, by=caseworker, second=keyholder(team_lead), keys=keys)
    export(referral, by=caseworker, keys=keys)
    Tip.objects.update(unread=False)
    tip.refresh_from_db()
    return At(token, tip, enquiries.begin(by=caseworker), referral, caseworker)


def put(at, **columns):
    Tip.objects.update(**columns)
    at.tip.refresh_from_db()


@contextmanager
def gone(way, at):
    """Go a way as a page does it, all of it or nothing, yield why it was refused, and put everything back."""
    refused = None
    with transaction.atomic():
        try:
            with transaction.atomic():
                (WAYS | AMONG_OTHERS | STAYS)[way](at)
        except Refused as refusal:
            refused = refusal
        at.tip.refresh_from_db()
        yield refused
        transaction.set_rollback(True)
    for row in (at.tip, at.enquiry, at.referral):
        row.refresh_from_db()


@pytest.mark.promise(
    "danger", control="test_control_each_way_out_is_open_with_an_answer_a_call_or_without_danger"
)
@pytest.mark.parametrize("status", OPEN)
def test_no_verb_lets_an_urgent_tip_out_of_the_open_statuses_without_a_word(at, status):
    """An urgent tip leaves the open statuses only with what was done about the danger, or with a call on record,
    whatever verb moves it.
    """
    put(at, status=status)
    for way in (*WAYS, *AMONG_OTHERS, *STAYS):
        with gone(way, at) as refused:
            assert (at.tip.status in OPEN, at.tip.decided) == (True, None), way
            assert not SafetyDecision.objects.exists()
            if status == "reading" and way in WAYS and way not in ("move to passed_on", "confirm"):
                assert isinstance(refused, DangerOpen), way
                assert str(refused) == (
                    "This tip mentions danger, or someone under 18. Say what was done about it before you close it."
                )


@pytest.mark.parametrize("why", ["an answer", "a call", "not urgent"])
def test_control_each_way_out_is_open_with_an_answer_a_call_or_without_danger(at, why):
    if why == "a call":
        urgent_calls.add(tip=at.tip, **CALL, by=at.by, keys=newest_keys())
    elif why == "not urgent":
        put(at, urgent=False)
    for way in set(WAYS) - {"move to passed_on"}:
        if why == "a call" and "spam" in way:
            continue  # a tip that was passed on by phone is no spam
        at.danger = (NO_DANGER if "spam" in way else DANGER) if why == "an answer" else None
        with gone(way, at) as refused:
            assert refused is None, way
            assert at.tip.status not in OPEN, way
            assert SafetyDecision.objects.count() == (why == "an answer")


@pytest.mark.promise("danger", control="test_control_once_it_is_read_each_way_is_open")
def test_nothing_urgent_is_closed_over_what_nobody_has_read(at):
    """Nothing urgent is closed over what nobody has read, and no call ends its reminders."""
    at.danger, stale = NO_DANGER, copy(at.tip)
    tell("They have a knife now.", token=at.token, danger="yes")
    for way in set(WAYS) - {"move to passed_on", "confirm"}:
        at.tip = copy(stale)  # as the page was loaded before
        with gone(way, at) as refused:
            assert "that nobody has read" in str(refused), way
            assert (at.tip.status, at.tip.unread, at.tip.acknowledged_at) == ("reading", True, None)
    put(unreferred(at), status="new")
    with pytest.raises(Refused, match="Read it first, then decide"):
        triaging.move(tip=at.tip, to="spam", by=at.by, danger=NO_DANGER, keys=newest_keys())


def test_control_once_it_is_read_each_way_is_open(at, keys):
    at.danger = NO_DANGER
    tell("They have a knife now.", token=at.token, danger="yes")
    opening.open_new(by=at.by, keys=keys)
    opening.read(tip=at.tip, by=at.by, keys=keys)
    for way in set(WAYS) - {"move to passed_on"}:
        with gone(way, at) as refused:
            assert (refused, at.tip.decided is not None) == (None, True), way


def test_answer_is_stored_with_the_close_and_counts_for_that_one_alone(at):
    triaging.move(tip=at.tip, to="no_action", by=at.by, danger=DANGER, keys=newest_keys())
    row = SafetyDecision.objects.get()
    assert (row.tip, row.kind, row.author, row.looked_on) == (at.tip, "closed", "olu", None)
    acts = AuditEvent.objects.filter(
        subject=at.tip.reference, act__in=["closed-danger", "moved"]
    ).order_by("seq")
    assert [event.act for event in acts] == ["closed-danger", "moved"]
    enquiries.link(
        tip=at.tip, enquiry=at.enquiry, by=at.by
    )  # what is closed already moves on without another
    triaging.move(tip=at.tip, to="no_action", by=at.by, danger=DANGER, keys=newest_keys())
    assert SafetyDecision.objects.count() == 1
    triaging.move(tip=at.tip, to="reading", by=at.by)
    with pytest.raises(DangerOpen):
        triaging.move(tip=at.tip, to="no_action", by=at.by, keys=newest_keys())


def test_one_answer_is_for_all_urgent_tips_of_a_referral(at, send, team_lead, keys):
    second, plain = send("A knife.", danger="yes", police="yes"), send("A van.", police="yes")
    for tip in (second, plain):
        make_ready(tip, by=at.by, keys=keys)
    referral = draft_again(tips=[at.tip, second, plain], by=at.by)
    for member in (at.by, team_lead):
        approve(referral, by=member, keys=keys)
    export(referral, by=at.by, keys=keys)
    assert {tip.pk for tip in departure.asked_about(referral=referral)} == {at.tip.pk, second.pk}
    told = {
        "reference": "URN",
        "who": "PC Doe",
        "by": at.by,
        "keys": keys,
        "reauthentication": shown(at.by),
    }
    with pytest.raises(DangerOpen):
        departure.confirm(referral=referral, **told)
    departure.confirm(referral=referral, danger=DANGER, **told)
    assert {row.tip_id for row in SafetyDecision.objects.all()} == {at.tip.pk, second.pk}
    assert set(Tip.objects.values_list("status", flat=True)) == {"passed_on"}
    assert departure.asked_about(referral=referral) == []


@pytest.mark.promise("keys", control=True)
def test_the_sentence_lies_nowhere_in_clear(at):
    """What was done about the danger lies nowhere in clear."""
    at.danger = Danger("other", "zzsentence, and no other word")
    for way in ("decide", "confirm"):
        put(at, status="reading", decided=None)
        WAYS[way](at)
    triaging.label(tip=at.tip, label=Label.objects.create(name="zzcontrol"), by=at.by)
    found = dumped()
    assert b"zzcontrol" in found  # the control
    assert b"zzsentence" not in found
    assert b"Something else" not in found


def dumped():
    """Return every value of every table."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return b"\n".join(
        bytes(one) if isinstance(one, memoryview | bytes) else str(one).encode()
        for row in rows
        for one in row
    )
