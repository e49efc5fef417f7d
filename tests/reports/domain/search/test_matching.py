"""Tips that name the same thing are found and recorded as glimpsed, the rarest first, and nobody's contact is used."""

from collections.abc import Callable

import pytest

from reports.domain.errors import Hidden
from reports.domain.search import matching
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Recusal, Tip

type Send = Callable[..., Tip]


@pytest.fixture
def look(caseworker, keys):
    """Return a function that opens what is new and looks for a tip's relatives."""

    def look_for(tip):
        opening.open_new(by=caseworker, keys=keys)
        return matching.related(tip=tip, by=caseworker, keys=keys)

    return look_for


def found(look):
    return [
        (match.tip.reference, [(str(one.kind), one.written, one.count) for one in match.reasons])
        for match in look.matches
    ]


def test_same_plate_is_found_however_it_is_written_in_whatever_answer(send, look):
    tip = send("A grey car.", vehicles="Grey hatchback, AB12 CDE, dent")
    other = send("Near the school: ab12cde grey")
    send("A white van, no plate.")
    result = look(tip)
    assert found(result) == [(other.reference, [("the number plate", "AB12 CDE", 1)])]
    assert result.named == 1


def test_rarest_comes_first(send, look):
    tip = send("AB12 CDE and 07700 900123.")
    phone = send("He is on 07700 900 123.")
    plates = [send(f"AB12 CDE, {number} times.") for number in range(3)]
    both = send("AB12CDE, call 07700900123.")
    result = found(look(tip))
    assert [reference for reference, _ in result[:2]] == [both.reference, phone.reference]
    assert {reference for reference, _ in result[2:]} == {one.reference for one in plates}
    assert result[0][1] == [
        ("the phone number", "07700 900123", 2),
        ("the number plate", "AB12 CDE", 4),
    ]


@pytest.mark.promise("team", name="reading-recorded")
def test_what_is_shown_was_recorded_as_glimpsed(send, caseworker, keys, monkeypatch):
    """What a page shows of a related tip was recorded as glimpsed.

    Only what is shown is glimpsed; glimpsed is not read.
    """
    monkeypatch.setattr(matching, "SHOWN", 2)
    tip, others = send("AB12 CDE."), {send("AB12 CDE too.").reference for _ in range(3)}
    opening.open_new(by=caseworker, keys=keys)
    result = matching.related(tip=tip, by=caseworker, keys=keys)
    shown = {match.tip.reference for match in result.matches}
    assert (len(shown), shown <= others, result.count) == (2, True, 3)
    glimpsed = AuditEvent.objects.filter(act="glimpsed").values_list("subject", flat=True)
    assert set(glimpsed) == {tip.reference, *shown}
    assert Tip.objects.filter(unread=True).count() == 4
    rest = matching.related(tip=tip, by=caseworker, keys=keys, after=2)
    assert {match.tip.reference for match in rest.matches} == others - shown


def test_what_matches_is_marked_where_it_stands_in_whatever_answer(send, look):
    tip = send("AB12 CDE and 07700 900123.")
    send(
        "Every night.\nThe black one.",
        vehicles="I saw ab12cde. Twice.",
        place="07700 900 123 is on the door.",
    )
    (match,) = look(tip).matches
    marked = [
        [piece.text for piece in snippet.pieces if piece.is_match] for snippet in match.snippets
    ]
    assert sorted(marked) == [["07700 900 123"], ["ab12cde"]]
    assert "Every night" not in str(match.snippets)


def test_postcode_is_no_reason_without_its_house(send, look):
    tip = send("12 Tallow Road, MK6 3AA.")
    house, street = send("It is at 12 Tallow Road MK6 3AA"), send("Somewhere in MK6 3AA.")
    assert [reference for reference, _ in found(look(tip))] == [house.reference]
    assert street.reference != house.reference


def test_contact_details_of_senders_are_compared_with_nothing(send, look):
    tip = send("Call me.", contact="details", contact_details="07700 900123")
    send("He sells from 07700 900123.")
    assert look(tip) == matching.Matches((), named=0)


def test_what_members_write_is_compared_with_nothing(send, look, caseworker):
    tip, other = send("He sells from 07700 900123."), send("Call me.")
    triaging.note(tip=other, text="Called them back on 07700 900123.", by=caseworker)
    assert found(look(tip)) == []


def test_tips_that_are_set_at_end_are_not_compared(send, look):
    tip, at_end = send("AB12 CDE."), send("AB12 CDE again.")
    assert len(found(look(tip))) == 1
    Tip.objects.filter(pk=at_end.pk).update(at_end=True)
    assert found(look(tip)) == []


def test_tip_that_is_hidden_is_neither_looked_for_nor_found(send, look, caseworker):
    tip, hidden = send("AB12 CDE."), send("AB12 CDE again.")
    Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    assert look(tip) == matching.Matches((), named=1)
    with pytest.raises(Hidden):
        look(hidden)
