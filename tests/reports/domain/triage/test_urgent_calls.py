"""An urgent call: sealed, on record, and looked at by a second person, never by the one who called."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.tips import recusal
from reports.domain.triage import urgent_calls
from reports.models import AuditEvent, Note, UrgentCall
from tests.factories import make_user

SAID = {"to": "999", "whom": "Operator 7", "when": "21:40", "reference": "Log 1234"}


@pytest.fixture
def call(send, officer):
    return urgent_calls.record(tip=send(), **SAID, by=officer)


def test_call_is_sealed_and_on_record_without_a_word(call, keys):
    assert b"Operator" not in bytes(call.sealed)
    told = urgent_calls.content(call, keys=keys)
    assert {name: str(value) for name, value in told.items()} == SAID | {"to": "The police, 999"}
    event = AuditEvent.objects.get(act="disclosed")
    assert (event.actor, event.act, event.subject, event.detail) == ("olu", "disclosed", call.tip.reference, {})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"to": "x"}, "whom you called"),
        ({"whom": " "}, "with whom"),
        ({"when": ""}, "when"),
        ({"whom": "x" * 501}, "500"),
    ],
)
def test_call_that_lacks_what_matters_is_refused(send, officer, wrong, reason):
    with pytest.raises(Refused, match=reason):
        urgent_calls.record(tip=send(), **SAID | wrong, by=officer)
    assert not UrgentCall.objects.exists()


def test_second_person_looks_at_it_once_and_what_they_found_is_a_note(call, lead):
    urgent_calls.review(call=call, found="Right to call. Ask for the outcome.", by=lead)
    call.refresh_from_db()
    assert (call.reviewed_by, call.reviewed_on) == ("lena", timezone.localdate())
    assert Note.objects.get().author == "lena"
    with pytest.raises(Refused, match="already"):
        urgent_calls.review(call=call, found="Me too.", by=make_user("ada", "Officer"))
    assert Note.objects.count() == 1


def test_the_one_who_called_never_reviews_and_the_database_holds_it(call, officer):
    with pytest.raises(Refused, match="second person"):
        urgent_calls.review(call=call, found="All fine.", by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        UrgentCall.objects.update(reviewed_by="olu")


def test_review_without_words_is_no_review(call, lead):
    with pytest.raises(Refused, match="Write something"):
        urgent_calls.review(call=call, found=" ", by=lead)
    assert UrgentCall.objects.get().reviewed_on is None


def test_call_waits_from_the_next_day_for_both_and_not_for_who_hid_the_tip(call, officer, lead):
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    assert not urgent_calls.waiting(user=lead, today=today).exists()
    assert list(urgent_calls.waiting(user=lead, today=tomorrow)) == [call]
    assert list(urgent_calls.waiting(user=officer, today=tomorrow)) == [call]
    recusal.Recusal.objects.create(tip=call.tip, user=lead, key_index=1, sealed=b"")
    assert not urgent_calls.waiting(user=lead, today=tomorrow).exists()


def test_lone_operator_has_no_second_person(officer):
    assert not urgent_calls.second_person(author="olu")
    make_user("ada", "Officer")
    assert urgent_calls.second_person(author="olu")


def test_call_whose_row_was_changed_says_so(call, keys):
    call.author = "somebody"
    assert "does not open" in urgent_calls.content(call, keys=keys)["problem"]
