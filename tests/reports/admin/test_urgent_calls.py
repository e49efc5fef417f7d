"""Urgent calls, tips that came another way, and the line that nobody watches, as members see them."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.domain.handover import urgent_calls
from reports.domain.intake import outbox
from reports.models import AuditEvent, Tip, UrgentCall
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import press, sent

SAID = {"to": "children", "whom": "Duty worker", "when": "now", "reference": "R1"}
SAID |= {"ground": "child", "danger": "A boy is held there."}
TYPED = {f"disclose-{name}": value for name, value in SAID.items()}
CALLS, RECORD = "/admin/reports/tip/calls/", "/admin/reports/tip/record/"


def address(tip: Tip, act: str = "change") -> str:
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def tiles(client) -> dict[str, int]:
    return {tile.name: tile.waits.number for tile in client.get("/admin/").context["tiles"]}


def test_call_is_recorded_and_read_on_an_open_desk(unlocked, send):
    tip = send()
    page = unlocked.post(address(tip, "disclose"), TYPED, follow=True).content.decode()
    assert "your call is on record" in page
    assert "Children’s services: Duty worker" in page
    assert "It waits for a second person: nobody else here can look at it yet." in page
    unlocked.post("/admin/lock/")
    assert "Duty worker" not in unlocked.get(address(tip)).content.decode()


def test_call_that_a_locked_desk_holds_up_stands_in_its_boxes_again(unlocked, unlock, send):
    tip = send()
    page = unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    typed = {name.replace("-", "__"): value for name, value in TYPED.items()}
    held = press(unlocked, tip, "disclose", on=page, **typed).content.decode()
    assert "The desk has locked, so nothing was done yet." in held
    unlock(unlocked)
    assert not UrgentCall.objects.exists()
    again = unlocked.get(address(tip))
    assert sent(again)["disclose-whom"] == ["Duty worker"]
    press(unlocked, tip, "disclose", on=again)
    assert UrgentCall.objects.count() == 1


def test_call_for_a_sender_under_18_takes_no_ground_unless_it_is_to_the_police(unlocked, send):
    tip = send(police="no", under_18=True)
    page = unlocked.get(address(tip)).content.decode()
    assert "The tick alone does not let us tell the police if the sender said no." in page
    plain = {name: value for name, value in TYPED.items() if name not in ("disclose-ground", "disclose-danger")}
    refused = unlocked.post(address(tip, "disclose"), plain | {"disclose-to": "999"}).content.decode()
    assert "choose which, and write down why" in refused
    assert not UrgentCall.objects.exists()
    page = unlocked.post(
        address(tip, "disclose"), plain | {"disclose-to": "safeguarding"}, follow=True
    ).content.decode()
    assert "The safeguarding contact: Duty worker" in page
    assert "<dt>A child may be in danger</dt>" in page
    assert "<dd>The sender ticked “I am under 18”.</dd>" in page


def test_refused_call_keeps_what_was_typed(unlocked, send):
    page = unlocked.post(address(send(), "disclose"), TYPED | {"disclose-when": ""}).content.decode()
    assert "Say with whom you spoke, and when." in page
    assert 'value="Duty worker"' in page
    assert not UrgentCall.objects.exists()


def test_second_person_finds_it_on_the_first_screen_next_day(unlocked, send, lead):
    tip, first, second = send(), sign_in(lead), unlocked
    call = urgent_calls.record(tip=tip, **SAID, by=lead)
    assert "calls" not in tiles(second)
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
    assert (tiles(second)["calls"], tiles(first)["calls"]) == (1, 1)
    page = second.get(CALLS).content.decode()
    assert tip.reference in page
    assert "a colleague looks at it" in first.get(CALLS).content.decode()
    named = {"call": call.pk, f"review-{call.pk}-call": call.pk}
    refused = second.post(address(tip, "review"), named).content.decode()
    assert "Write something before you save the note." in refused
    found = named | {f"review-{call.pk}-found": "Right."}
    said = second.post(address(tip, "review"), found, follow=True).content.decode()
    assert "you have looked at the call" in said
    assert "calls" not in tiles(second)
    assert "There is no such call." in second.post(address(tip, "review"), {"call": "x"}).content.decode()


def test_list_of_calls_needs_as_many_queries_for_three_as_for_one(signed_in, send, lead):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            urgent_calls.record(tip=send(), **SAID, by=lead)
        UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
        signed_in.get(CALLS)
        with CaptureQueriesContext(connection) as asked:
            assert signed_in.get(CALLS).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_told_tip_gives_its_words_once_and_shows_how_it_came(signed_in, unlock, phrase):
    page = signed_in.get(RECORD).content.decode()
    assert "How did it come?" in page
    assert "What do you know?" in page
    sent = {"token": "abcdefghijklmno", "channel": "visit", "what": "A grey van."}
    response = signed_in.post(RECORD, sent)
    assert len(response.context["words"]) == 7
    assert all(f"<li>{word}</li>" in response.content.decode() for word in response.context["words"])
    assert AuditEvent.objects.first().act == "recorded"
    assert signed_in.post(RECORD, sent).context["words"] == response.context["words"]
    outbox.drain()
    unlock(signed_in)
    page = signed_in.get(address(Tip.objects.get())).content.decode()
    assert "In person; written down by olu, not by the sender." in page


def test_told_tip_that_lacks_something_keeps_what_was_typed(signed_in, phrase):
    page = signed_in.post(RECORD, {"what": "", "place": "The garages", "token": "abcdefghijklmno"}).content.decode()
    assert '<a href="#id_channel_0">Choose how it came</a>' in page
    assert 'id="id_channel_0"' in page
    assert 'value="The garages"' in page
    assert 'value="abcdefghijklmno"' in page
    assert outbox.waiting() == []


def test_told_tip_that_cannot_be_stored_says_so_and_loses_nothing(signed_in, db):
    page = signed_in.post(RECORD, {"channel": "phone", "what": "A grey van."}).content.decode()
    assert "was not stored" in page
    assert "A grey van." in page


def test_lead_is_told_before_the_line_says_that_nobody_reads_and_before_it_closes(lead, officer, send):
    send()
    client, today = sign_in(lead), timezone.now().date()
    seen = {}
    for days in (1, 2, 3, 4, 11, 12, 13, 14):
        Tip.objects.update(received=today - timedelta(days=days))
        seen[days] = {name: count for name, count in tiles(client).items() if name in ("unwatched", "closing")}
    assert seen == {
        1: {},
        2: {"unwatched": 2},
        3: {"unwatched": 1},
        4: {},
        11: {},
        12: {"closing": 2},
        13: {"closing": 1},
        14: {},
    }
    assert not {"unwatched", "closing"} & tiles(sign_in(officer)).keys()
