"""Opening and reading: recorded before it is shown, bound to its row, and no finer than it must be."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, transaction

from reports.domain.audit import audit_log
from reports.domain.errors import Refused, Swapped
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import digests, metadata, opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Entry, Status, Tip
from reports.sealing import keyring, receipts
from tests.reports import pictures, telling
from tests.reports.handing import newest_keys
from tests.reports.telling import PROGRAM, tell
from tests.reports.unrecorded import record_broken

type Send = Callable[..., Tip]


def days_once_opened(by, keys):
    """Return the days that rows say after the opening of what came on a Thursday."""
    for rows in (Tip.objects, Entry.objects):
        rows.update(received="2026-11-26")
    assert opening.open_new(by=by, keys=keys) == 1
    return {
        day
        for rows in (Tip.objects, Entry.objects)
        for day in rows.values_list("received", flat=True)
    }


@pytest.mark.promise(
    "sender",
    control="test_control_an_opening_that_keeps_the_day_is_caught",
    name="day-becomes-week",
)
def test_opening_fills_the_coarse_facts_and_coarsens_the_day(send, caseworker, keys):
    """The day of a tip becomes its week once it is opened."""
    tip = send(kind="street", area="wolverton", appeal="an-appeal")
    assert days_once_opened(caseworker, keys) == {date(2026, 11, 23)}
    tip.refresh_from_db()
    assert (tip.category, tip.area, tip.appeal, tip.opened) == (
        "street",
        "wolverton",
        "an-appeal",
        True,
    )
    assert (tip.status, tip.unread) == (Status.NEW, True), "opened is not read"
    assert AuditEvent.objects.latest("seq").detail == {"count": 1}


def test_control_an_opening_that_keeps_the_day_is_caught(send, caseworker, keys, monkeypatch):
    send()
    monkeypatch.setattr(metadata, "monday", lambda day: day)
    assert days_once_opened(caseworker, keys) == {date(2026, 11, 26)}


def test_opening_is_bounded_in_number_and_time_and_goes_on_where_it_stopped(send, caseworker, keys):
    for _ in range(5):
        send()
    assert (opening.open_new(by=caseworker, keys=keys, seconds=0), opening.left()) == (1, 4)
    assert [opening.open_new(by=caseworker, keys=keys, limit=3) for _ in range(3)] == [3, 1, 0]


def test_urgent_tips_come_first_then_the_shortest_and_follow_ups_last(send, caseworker, keys):
    token = receipts.new_token()
    for what in (
        "They come every evening. " * 3_000,
        "And this.",
        "And that.",
    ):  # the later ones are shorter than any
        long = tell(what, token=token)
    urgent = send("They have a knife. " * 1_000, danger="yes")
    short = send("A man sells at the bus stop.")
    order = []
    while opening.open_new(by=caseworker, keys=keys, seconds=0):
        order += [tip for tip in Tip.objects.filter(opened=True) if tip not in order]
    assert order == [urgent, short, long]
    assert AuditEvent.objects.filter(act="opened").count() == Entry.objects.count() == 5


def test_what_a_program_seems_to_have_sent_is_opened_after_peoples(send, caseworker, keys):
    people = []
    for number in range(3):
        tell(str(number), danger="yes", suspect=PROGRAM)
        people.append(send(f"They come every evening, number {number}. " * 100))
    assert opening.open_new(by=caseworker, keys=keys, limit=3) == 3
    assert set(Tip.objects.filter(opened=True)) == set(people)


def test_what_a_colleague_opens_meanwhile_is_opened_once(
    send, caseworker, team_lead, keys, monkeypatch
):
    send("Two vans.")
    digested = digests.plain

    def meanwhile(answers, **given):
        monkeypatch.setattr(digests, "plain", digested)
        assert opening.open_new(by=team_lead, keys=keys) == 1
        return digested(answers, **given)

    monkeypatch.setattr(digests, "plain", meanwhile)
    assert opening.open_new(by=caseworker, keys=keys) == 0
    assert [event.actor for event in AuditEvent.objects.filter(act="opened")] == [
        team_lead.get_username()
    ]


def test_reading_never_overwrites_what_a_colleague_has_just_done(send, caseworker, team_lead, keys):
    tip = send()
    meanwhile = Tip.objects.get()
    triaging.move(tip=meanwhile, to=Status.SPAM, by=team_lead, keys=newest_keys())
    assert tip.status == Status.NEW  # as the reader's page was loaded
    reading = opening.read(tip=tip, by=caseworker, keys=keys)
    stored = Tip.objects.get()
    assert (stored.status, stored.unread, reading.tip.status) == (Status.SPAM, False, Status.SPAM)


def shown_unrecorded(tip, by, keys):
    """Return whether a tip's text is given out while the record takes no event."""

    with record_broken():
        try:
            return bool(opening.read(tip=tip, by=by, keys=keys).entries)
        except DatabaseError:
            return False


@pytest.mark.promise(
    "team", control="test_control_reading_without_a_record_is_caught", name="reading-recorded"
)
@pytest.mark.proof("record")
def test_reading_is_recorded_before_the_text_is_shown(send, caseworker, keys):
    """Reading is recorded before the text is shown."""
    tip = send()
    assert not shown_unrecorded(tip, caseworker, keys)
    assert Tip.objects.get().unread is True
    opening.read(tip=tip, by=caseworker, keys=keys)  # without the fault it is read, and recorded
    assert AuditEvent.objects.filter(act="read", subject=tip.reference, actor="olu").count() == 1


@pytest.mark.parametrize("when", ["never", "afterwards"])
def test_control_reading_without_a_record_is_caught(send, caseworker, keys, monkeypatch, when):
    tip, record = send(), audit_log.record

    def too_late(**event):
        if when == "afterwards":
            transaction.on_commit(partial(record, **event))

    monkeypatch.setattr(audit_log, "record", too_late)
    assert shown_unrecorded(tip, caseworker, keys)


@pytest.mark.promise("team")
def test_contact_stays_out_until_it_is_revealed_with_a_reason(send, caseworker, keys):
    """Contact details stay out until they are revealed with a reason."""
    tip = send(contact="details", contact_details="07700 900123", contact_safe="after six")
    reading = opening.read(tip=tip, by=caseworker, keys=keys)
    assert reading.has_contact is True
    assert "07700" not in str(reading.entries[0].answers)
    with pytest.raises(Refused):
        opening.reveal(tip=tip, by=caseworker, keys=keys, reason="curious")
    shown = opening.reveal(tip=tip, by=caseworker, keys=keys, reason="asked")
    assert shown == [
        (
            metadata.monday(tip.received),
            {"contact_details": "07700 900123", "contact_safe": "after six"},
        )
    ]
    assert AuditEvent.objects.latest("seq").detail == {"reason": "asked"}
    assert AuditEvent.objects.filter(act="revealed").count() == 1


@pytest.mark.promise("keys")
def test_envelope_moved_to_another_tip_is_noticed(send, caseworker, keys):
    """An envelope that was moved to another tip is noticed."""
    one, other = send("The first."), send("The second.")
    first, second = one.entries.get(), other.entries.get()
    Entry.objects.filter(pk=first.pk).update(sealed=second.sealed)
    reading = opening.read(tip=one, by=caseworker, keys=keys)
    assert [arrival.kind for arrival in reading.entries] == ["broken"]
    assert opening.open_new(by=caseworker, keys=keys) == 1
    with pytest.raises(Swapped):
        opening.picture(entry=Entry.objects.get(pk=first.pk), number=0, by=caseworker, keys=keys)


def test_changed_area_in_the_row_is_noticed(send, caseworker, keys):
    send(area="wolverton")
    opening.open_new(by=caseworker, keys=keys)
    for area in ("olney", "wolverton"):
        Tip.objects.update(area=area)
        assert opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys).swapped is (
            area == "olney"
        )


def test_broken_envelopes_never_keep_others_from_being_opened(send, caseworker, keys):
    for _ in range(4):
        send()
    Entry.objects.update(sealed=b"nonsense")
    whole = send("The fifth.")
    opened = [opening.open_new(by=caseworker, keys=keys, limit=2) for _ in range(3)]
    assert sum(opened) == 1
    assert list(Tip.objects.filter(opened=True)) == [whole]


@pytest.mark.promise("keys", name="own-words")
def test_another_desks_keys_open_nothing(send, caseworker, keys):
    """Another desk's keys open nothing."""
    send()
    stranger = Keys((keyring.new_identity(),), since=keys.since)
    assert opening.open_new(by=caseworker, keys=stranger) == 0
    assert Tip.objects.get().opened is False


def test_pictures_come_after_the_answers_and_can_be_seen_one_by_one(caseworker, keys):
    token = receipts.new_token()
    telling.send_photos(token=token, pictures=[pictures.stored(1), pictures.stored(2)])
    telling.tell("A van.", token=token, area="olney", suspect=["too-fast"])
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get()
    assert tip.area == "olney"
    reading = opening.read(tip=tip, by=caseworker, keys=keys)
    found = [(arrival.kind, arrival.pictures, arrival.suspect) for arrival in reading.entries]
    assert found == [("tip", 0, ("too-fast",)), ("photos", 2, ())]
    entry = reading.entries[1].row
    assert opening.picture(entry=entry, number=1, by=caseworker, keys=keys) == pictures.stored(2)
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.detail) == ("read-picture", {"entry": 1, "number": 1})
    with pytest.raises(Refused, match="cannot find this picture"):
        opening.picture(entry=entry, number=2, by=caseworker, keys=keys)


def test_follow_up_keeps_the_first_facts(caseworker, keys):
    token = receipts.new_token()
    for area in ("olney", "wolverton"):
        tip = tell(token=token, area=area)
        opening.open_new(by=caseworker, keys=keys)
    assert Tip.objects.get().area == "olney"
    assert len(opening.read(tip=tip, by=caseworker, keys=keys).entries) == 2


def test_notes_are_sealed_and_a_swapped_note_is_noticed(send, caseworker, keys):
    tip = send()
    note = triaging.note(tip=tip, text=" Seen this van before.\r\n", by=caseworker)
    assert b"this van" not in bytes(note.sealed)
    reading = opening.read(tip=tip, by=caseworker, keys=keys)
    assert [remark.text for remark in reading.notes] == ["Seen this van before."]
    tip.notes.update(author="somebody else")
    reading = opening.read(tip=tip, by=caseworker, keys=keys)
    assert (
        reading.notes[0].text
        == "This cannot be unlocked, or it does not belong here. Tell a team lead."
    )


def test_colleague_who_read_a_tip_lately_is_named_for_ten_minutes(
    send, caseworker, team_lead, keys, monkeypatch
):
    tip, other = send(), send()
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert opening.readers(tip=tip, by=team_lead) == ["olu"]
    assert (
        opening.readers(tip=tip, by=caseworker) == opening.readers(tip=other, by=team_lead) == []
    ), "not to themself"
    monkeypatch.setattr(opening, "LATELY", timedelta(0))
    assert opening.readers(tip=tip, by=team_lead) == []
