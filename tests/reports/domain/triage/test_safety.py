"""Decisions about danger: sealed, on record without a word, and looked at by a Team lead who did not make them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.domain.errors import Hidden, Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts
from reports.domain.tips import recusal
from reports.domain.triage import safety
from reports.models import AuditEvent, SafetyDecision, Tip
from tests.factories import make_keyholder, make_user

type Send = Callable[..., Tip]

SAID = {"kind": "closed", "choice": "police", "text": "  They sent a car at nine.\r\n"}


@pytest.fixture
def decision(send: Send, officer: User) -> SafetyDecision:
    return safety.add(tip=send(danger="yes"), **SAID, by=officer)


def hide(tip: Tip, user: User) -> None:
    recusal.Recusal.objects.create(tip=tip, user=user, key_index=1, sealed=b"")


def a_day_later(decision: SafetyDecision) -> None:
    SafetyDecision.objects.filter(pk=decision.pk).update(since=timezone.localdate() - timedelta(days=1))


@pytest.fixture
def other_lead(roles: None, phrase: str) -> User:
    """Return a second Team lead, who can open tips."""
    user = make_user("lou", "Lead")
    make_keyholder(user)
    return user


def test_decision_is_sealed_and_on_record_without_a_word(decision: SafetyDecision, keys: Keys) -> None:
    assert b"car" not in bytes(decision.sealed)
    assert safety.content(decision, keys=keys) == {
        "choice": "We called 999 or 101",
        "text": "They sent a car at nine.",
    }
    event = AuditEvent.objects.get(act="closed-danger")
    assert (event.actor, event.subject, event.detail) == ("olu", decision.tip.reference, {})


def test_reason_for_writing_to_a_sender_has_no_choice(send: Send, officer: User, keys: Keys) -> None:
    decision = safety.add(tip=send(), kind="wrote", choice="police", text="He waits outside.", by=officer)
    assert safety.content(decision, keys=keys) == {"choice": "", "text": "He waits outside."}
    assert AuditEvent.objects.latest("seq").act == "wrote-for-safety"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"choice": ""}, "Choose what was done"),
        ({"choice": "nonsense"}, "Choose what was done"),
        ({"text": " \n"}, "Write a sentence"),
        ({"kind": "wrote", "text": ""}, "Write a sentence"),
        ({"text": "x" * 501}, "500 characters; this one has 501"),
    ],
)
def test_decision_that_lacks_what_matters_is_refused(
    send: Send, officer: User, wrong: dict[str, str], reason: str
) -> None:
    tip = send(danger="yes")
    with pytest.raises(Refused, match=reason):
        safety.add(tip=tip, **SAID | wrong, by=officer)
    assert not SafetyDecision.objects.exists()
    safety.add(tip=tip, **SAID, by=officer)  # the control


def test_nobody_decides_about_a_tip_that_is_hidden_from_them(send: Send, officer: User) -> None:
    tip = send(danger="yes")
    hide(tip, officer)
    with pytest.raises(Hidden):
        safety.add(tip=tip, **SAID, by=officer)


def test_team_lead_looks_at_it_once(decision: SafetyDecision, lead: User, other_lead: User) -> None:
    assert list(safety.waiting(user=lead)) == [decision]
    safety.look(decision=decision, by=lead)
    row = SafetyDecision.objects.get()
    assert (row.looked_by, row.looked_on) == ("lena", timezone.localdate())
    assert (decision.looked_by, decision.looked_on) == (row.looked_by, row.looked_on)
    assert AuditEvent.objects.latest("seq").act == "looked-at-danger"
    assert not safety.waiting(user=lead).exists()
    with pytest.raises(Refused, match="already"):
        safety.look(decision=decision, by=other_lead)


def test_only_a_team_lead_looks_at_it(decision: SafetyDecision, officer: User, lead: User) -> None:
    with pytest.raises(Refused, match="Only a lead"):
        safety.look(decision=decision, by=make_user("ada", "Officer"))
    safety.look(decision=decision, by=lead)  # the control


def test_whom_the_tip_is_hidden_from_neither_sees_nor_marks_it(decision: SafetyDecision, lead: User) -> None:
    hide(decision.tip, lead)
    assert not safety.waiting(user=lead).exists()
    with pytest.raises(Hidden):
        safety.look(decision=decision, by=lead)


def test_too_new_a_team_lead_does_not_look_at_it(
    decision: SafetyDecision, lead: User, other_lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.record(user=lead, by=other_lead, act=accounts.AuditAct.JOINED)
    with pytest.raises(Refused, match="second person from"):
        safety.look(decision=decision, by=lead)
    safety.look(decision=decision, by=other_lead)  # the control


def test_the_one_who_made_it_never_looks_at_it_where_another_can(send: Send, lead: User, other_lead: User) -> None:
    decision = safety.add(tip=send(danger="yes"), **SAID, by=lead)
    a_day_later(decision)
    assert not safety.waiting(user=lead).exists()
    with pytest.raises(Refused, match="Another Team lead"):
        safety.look(decision=decision, by=lead)
    safety.look(decision=decision, by=other_lead)  # the control


@pytest.mark.parametrize("why", ["hidden", "no key", "too new", "cannot sign in"])
def test_lone_team_lead_looks_at_their_own_from_the_next_day_on(
    send: Send, lead: User, other_lead: User, why: str
) -> None:
    decision = safety.add(tip=send(danger="yes"), **SAID, by=lead)
    if why == "hidden":
        hide(decision.tip, other_lead)
    elif why == "no key":
        other_lead.member.delete()  # type: ignore[attr-defined]
    elif why == "too new":
        accounts.record(user=other_lead, by=None, act=accounts.AuditAct.JOINED)
    else:
        User.objects.filter(pk=other_lead.pk).update(is_active=False)
    assert not safety.waiting(user=lead).exists()
    with pytest.raises(Refused, match="You made this decision"):
        safety.look(decision=decision, by=lead)
    a_day_later(decision)
    assert list(safety.waiting(user=lead)) == [decision]
    safety.look(decision=decision, by=lead)
    assert SafetyDecision.objects.get().looked_by == "lena"


@pytest.mark.parametrize("act", ["switched-off", "changed-roles", "revoked"])
def test_nobody_becomes_the_lone_team_lead_by_what_they_did_to_another(
    send: Send, lead: User, other_lead: User, act: str
) -> None:
    decision = safety.add(tip=send(danger="yes"), **SAID, by=lead)
    a_day_later(decision)
    detail = {"before": ["Lead"], "after": ["Officer"]} if act == "changed-roles" else {}
    accounts.record(user=other_lead, by=lead, act=accounts.AuditAct(act), **detail)
    User.objects.filter(pk=other_lead.pk).update(is_active=False)
    assert not safety.waiting(user=lead).exists()
    with pytest.raises(Refused, match="You made this decision"):
        safety.look(decision=decision, by=lead)


def test_database_holds_that_who_looked_and_when_go_together(decision: SafetyDecision) -> None:
    for change in ({"looked_by": "lena"}, {"looked_on": timezone.localdate()}, {"kind": "other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SafetyDecision.objects.update(**change)
    SafetyDecision.objects.update(looked_by="lena", looked_on=timezone.localdate())  # the control


def test_what_the_list_shows_is_recorded_for_each_tip(decision: SafetyDecision, lead: User, keys: Keys) -> None:
    said = safety.read(rows=[decision], by=lead, keys=keys)
    assert said[decision.pk]["text"] == "They sent a car at nine."
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.subject) == ("glimpsed", "lena", decision.tip.reference)


def test_decision_whose_row_was_changed_says_so(decision: SafetyDecision, keys: Keys) -> None:
    decision.kind = "wrote"
    assert "does not open" in safety.content(decision, keys=keys)["problem"]
