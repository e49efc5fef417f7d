"""Tips that say the same are one line, moved to the end of the queue together.

What a program seems to have sent ranks below people's.
"""

from datetime import timedelta
from itertools import combinations

import pytest
from django.utils import timezone

from reports import questions
from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving
from reports.domain.retention import schedule
from reports.domain.tips import digests, opening
from reports.domain.triage import at_end, triaging
from reports.domain.triage.triaging import next_to_read
from reports.models import Arrival, AuditEvent, Entry, Recusal, Status, Tip, shown_to
from reports.models.tips import AT_END, UNREAD, URGENT
from reports.sealing import digest, receipts
from tests.reports import telling
from tests.reports.handing import newest_keys
from tests.reports.telling import PROGRAM, tell

pytestmark = pytest.mark.usefixtures("passphrase")

SAME = "They deal by the garages."
EVERY = [
    some
    for size in range(5)
    for some in combinations(("filled-trap", "no-mark", "too-fast", "stale"), size)
]


def listed(by, **narrowed):
    """Return the tips of the queue, one for all that say the same."""
    tips = shown_to(by).filter(**narrowed)
    return list(tips.one_of_each("-rank", "-received", "-reference").in_reading_order())


def lines(by, **narrowed):
    """Return each line of the queue: its tip's reference, and how many say the same."""
    tips = listed(by, **narrowed)
    same = at_end.counts(tips=tips, by=by)
    return [(tip.reference, same.get(tip.pk, 0)) for tip in tips]


@pytest.fixture
def opened(caseworker, keys):
    """Return a function that sends tips, one for each text, and opens them."""

    def send(*texts, **answers):
        tips = [tell(text, **answers) for text in texts]
        while opening.open_new(by=caseworker, keys=keys):
            pass
        return list(Tip.objects.filter(pk__in=[tip.pk for tip in tips]).order_by("-reference"))

    return send


def test_the_trap_and_too_fast_together_rank_below_people_and_nothing_else_does():
    """People's too: a form open for a day, another machine's mark, autofill that fills the hidden box, a short tip."""
    ranks = {suspect: tell(SAME, suspect=suspect).rank for suspect in EVERY}
    assert {suspect for suspect, rank in ranks.items() if rank == AT_END} == {
        suspect for suspect in EVERY if {"filled-trap", "too-fast"} <= set(suspect)
    }
    assert set(ranks.values()) == {AT_END, UNREAD}


def test_what_a_program_sent_stands_below_all_that_people_sent_read_or_not(caseworker, keys):
    program, read, unread = (
        tell("Buy now.", suspect=PROGRAM, danger="yes"),
        tell("One."),
        tell("Two."),
    )
    unlocked_at = timezone.now()
    opening.read(tip=read, by=caseworker, keys=keys)
    assert [reference for reference, _same in lines(caseworker)] == [
        tip.reference for tip in (unread, read, program)
    ]
    assert next_to_read(by=caseworker) == unread
    opening.read(tip=unread, by=caseworker, keys=keys)
    assert next_to_read(by=caseworker, since=unlocked_at) is None
    opening.read(tip=program, by=caseworker, keys=keys)
    assert Tip.objects.get(pk=program.pk).rank == URGENT, (
        "somebody has looked: it is as urgent as any"
    )


@pytest.mark.parametrize("program_first", [True, False])
def test_what_people_add_brings_it_back(program_first):
    token = receipts.new_token()
    first, second = (PROGRAM, ()) if program_first else ((), PROGRAM)
    tell("One.", suspect=first, token=token)
    assert tell("Two.", suspect=second, token=token).rank == UNREAD


def test_what_stands_in_clear_counts_until_the_envelope_is_opened(caseworker, keys):
    """Who writes the database could set any tip aside: the sealed facts bring it back."""
    program, person = tell("Buy now.", suspect=PROGRAM), tell("A van.")
    Tip.objects.update(at_end=True)
    opening.open_new(by=caseworker, keys=keys)
    ranks = dict(Tip.objects.values_list("reference", "rank"))
    assert ranks == {program.reference: AT_END, person.reference: UNREAD}


def test_what_a_program_sent_is_told_from_peoples_through_the_table_of_arrivals():
    for suspect in ((), PROGRAM):
        receiving.accept(token=receipts.new_token(), answers={"what": "A van."}, suspect=suspect)
    entries = [
        outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes())
        for name in outbox.waiting()
    ]
    assert sorted(entry.suspect for entry in entries) == [False, True]
    for entry in entries:
        entry.to_arrival().save()
        assert outbox.OutboxEntry.from_arrival(Arrival.objects.get(pk=entry.id)) == entry


def test_equal_texts_are_one_line_whatever_their_case_spaces_and_stops(opened, caseworker):
    tips = opened(
        SAME,
        "they deal, by the GARAGES",
        " They  deal\r\nby the garages!! ",
        "They deal by the gate.",
    )
    gate = next(tip for tip in tips if lines(caseworker).count((tip.reference, 0)))
    same = [tip for tip in tips if tip != gate]
    assert sorted(lines(caseworker)) == sorted([(same[0].reference, 3), (gate.reference, 0)])
    assert at_end.alike(same[2].reference, by=caseworker) == same[0].alike != gate.alike


def test_equal_texts_match_under_the_desks_key_alone_and_another_place_does_not(opened, keys):
    first, second = opened(SAME, SAME)
    assert first.alike == second.alike != ""

    def alike(cipher, what=SAME, **answers):
        given = {"what": what} | answers
        return digests.alike(
            digests.plain([given]), {"kind": "tip", "answers": given}, cipher=cipher
        )

    own, other = digests.ciphers(keys), digest.DigestKeys(["AGE-SECRET-KEY-1OTHER"])
    assert alike(own) == first.alike != alike(other)
    assert alike(own, what="") == ""
    for name in (*digests.ANOTHER, "appeal", "place", *questions.CONTACT_DETAILS):
        assert alike(own, **{name: "else"}) != first.alike, name
    for name in digests.THE_SAME:
        assert alike(own, **{name: "yes"}) == first.alike, name


def test_what_is_added_makes_it_another_text_and_reading_takes_the_hash_away(
    opened, caseworker, keys
):
    token = receipts.new_token()
    tell(SAME, token=token)
    first, _second = opened(SAME, SAME)
    assert [same for _reference, same in lines(caseworker)] == [3]
    tell("And on Sundays.", token=token)
    telling.send_photos(token=token, pictures=[b"a picture"])
    opening.open_new(by=caseworker, keys=keys)
    assert Tip.objects.get(lookup=receipts.lookup(token)).alike == ""
    opening.read(tip=first, by=caseworker, keys=keys)
    assert Tip.objects.get(pk=first.pk).alike == ""
    assert {same for _reference, same in lines(caseworker)} == {0}


def test_set_at_end_together_they_are_kept_unread_and_undecided(opened, caseworker):
    tips = opened(SAME, SAME, SAME, danger="yes")
    other = tell("A van.")
    assert at_end.move_to_end(tip=tips[1], by=caseworker) == 3
    rows = Tip.objects.filter(pk__in=[tip.pk for tip in tips])
    assert set(rows.values_list("rank", "status", "decided", "unread")) == {
        (AT_END, Status.NEW, None, True)
    }
    assert Tip.objects.get(pk=other.pk).rank == UNREAD
    events = AuditEvent.objects.filter(act="moved-to-end")
    assert set(events.values_list("actor", "subject")) == {("olu", tip.reference) for tip in tips}
    assert lines(caseworker, rank=AT_END) == [(tips[0].reference, 3)]
    schedule.delete_due(today=timezone.localdate() + timedelta(days=1000))
    assert rows.count() == 3, "nothing is deleted unread"
    assert at_end.move_back_up(tip=tips[2], by=caseworker) == 3
    assert set(rows.values_list("rank", flat=True)) == {URGENT}
    assert AuditEvent.objects.filter(act="moved-back-up").count() == 3


def test_what_a_program_sent_is_brought_back_sealed_too(caseworker):
    program, other = tell(SAME, suspect=PROGRAM), tell(SAME, suspect=PROGRAM)
    assert at_end.move_back_up(tip=program, by=caseworker) == 1
    assert set(Tip.objects.values_list("reference", "rank")) == {
        (program.reference, UNREAD),
        (other.reference, AT_END),
    }


def test_a_tip_by_itself_is_not_set_at_end(opened, caseworker, keys):
    first, second = opened(SAME, SAME)
    opening.read(tip=second, by=caseworker, keys=keys)
    for tip in (first, second, tell("Sealed.")):
        with pytest.raises(Refused, match="No other unread tip says the same"):
            at_end.move_to_end(tip=Tip.objects.get(pk=tip.pk), by=caseworker)
    with pytest.raises(Refused, match="not at the end"):
        at_end.move_back_up(tip=first, by=caseworker)
    assert not Tip.objects.filter(at_end=True).exists()


def test_copies_of_a_read_tip_are_known_by_its_text_and_hidden_ones_are_none(
    opened, caseworker, keys
):
    token = receipts.new_token()
    tell(SAME, token=token)
    first, second, hidden = opened(SAME, SAME, SAME, contact="none")
    Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    added = Tip.objects.get(lookup=receipts.lookup(token))
    opening.read(tip=first, by=caseworker, keys=keys)
    assert {*at_end.copies(tip=first, by=caseworker, keys=keys)} == {second, added}
    tell("And on Sundays.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    assert {*at_end.copies(tip=first, by=caseworker, keys=keys)} == {second}
    assert not at_end.copies(tip=added, by=caseworker, keys=keys)


def test_read_next_leaves_copies_of_decided_tips_for_last_but_no_urgent_one(
    opened, caseworker, keys
):
    first, *copies = opened(SAME, SAME, SAME)
    decided = [opening.alike(tip=first, keys=keys)]
    opening.read(tip=first, by=caseworker, keys=keys)
    triaging.move(tip=first, to="no_action", by=caseworker, keys=newest_keys())
    assert next_to_read(by=caseworker, decided=decided) in copies, "nothing else is left"
    other = opened("A van.")[0]
    Tip.objects.filter(pk=other.pk).update(received=first.received + timedelta(days=70))
    assert next_to_read(by=caseworker) in copies, "the control"
    assert next_to_read(by=caseworker, decided=decided) == other
    urgent = opened(SAME, danger="yes")[0]
    assert next_to_read(by=caseworker, decided=decided) == urgent


@pytest.mark.promise("team", control=True)
def test_nothing_tells_that_a_hidden_tip_says_the_same(opened, caseworker, team_lead):
    """Anyone who knows someone in a tip does not learn that another says the same."""
    hidden, shown = opened(SAME, SAME)
    Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    assert at_end.alike(hidden.reference, by=caseworker) == ""
    with pytest.raises(Refused, match="No other unread tip says the same"):
        at_end.move_to_end(tip=shown, by=caseworker)
    assert at_end.alike(hidden.reference, by=team_lead) == shown.alike != "", (
        "the control: a colleague finds both"
    )
    assert at_end.move_to_end(tip=shown, by=team_lead) == 2


def test_what_does_not_open_has_no_line_with_others(caseworker, keys):
    tell(SAME)
    Entry.objects.update(sealed=b"damaged")
    opening.open_new(by=caseworker, keys=keys)
    assert Tip.objects.get().alike == ""
