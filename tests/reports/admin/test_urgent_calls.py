"""Urgent calls, tips that came another way, and the line that nobody watches, as members see them."""

from datetime import timedelta

from django.utils import timezone

from reports.domain.intake import outbox
from reports.domain.referrals import urgent_calls
from reports.models import AuditEvent, Tip, UrgentCall
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address

SAID = {"to": "children", "whom": "Duty worker", "when": "now", "reference": "R1"}
SAID |= {"ground": "child", "danger": "A boy is held there."}
TYPED = {f"disclose-{name}": value for name, value in SAID.items()}
CALLS, RECORD = "/admin/reports/tip/calls/", "/admin/reports/tip/record/"


def tiles(client) -> dict[str, int]:
    return {tile["name"]: tile["waits"] for tile in client.get("/admin/").context["tiles"]}


def test_second_person_finds_it_on_the_first_screen_next_day(unlocked, send, team_lead):
    tip, first, second = send(), sign_in(team_lead), unlocked
    call = urgent_calls.record(tip=tip, **SAID, by=team_lead)
    assert "calls" not in tiles(second)
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
    assert (tiles(second)["calls"], tiles(first)["calls"]) == (1, 1)
    page = second.get(CALLS).text
    assert tip.reference in page
    assert "another team member must look at it" in first.get(CALLS).text
    named = {"call": call.pk, f"review-{call.pk}-call": call.pk}
    refused = second.post(address(tip, "review"), named).text
    assert "Write something before you save the note." in refused
    found = named | {f"review-{call.pk}-found": "Right."}
    said = second.post(address(tip, "review"), found, follow=True).text
    assert "you have looked at the call" in said
    assert "calls" not in tiles(second)
    assert "We cannot find this call." in second.post(address(tip, "review"), {"call": "x"}).text


def test_told_tip_gives_its_words_once_and_shows_how_it_came(signed_in, unlock, passphrase):
    page = signed_in.get(RECORD).text
    assert "How did the tip come?" in page
    assert "What do you know?" in page
    sent = {"token": "abcdefghijklmno", "channel": "visit", "what": "A grey van."}
    response = signed_in.post(RECORD, sent)
    assert len(response.context["words"]) == 7
    assert all(f"<li>{word}</li>" in response.text for word in response.context["words"])
    assert AuditEvent.objects.first().act == "recorded"
    assert signed_in.post(RECORD, sent).context["words"] == response.context["words"]
    outbox.drain()
    unlock(signed_in)
    page = signed_in.get(address(Tip.objects.get())).text
    assert "In person. olu recorded this, not the sender." in page


def test_told_tip_that_cannot_be_stored_says_so_and_loses_nothing(signed_in, db):
    page = signed_in.post(RECORD, {"channel": "phone", "what": "A grey van."}).text
    assert "was not stored" in page
    assert "A grey van." in page


def test_team_lead_is_told_before_the_line_says_that_nobody_reads(team_lead, caseworker, send):
    send()
    Tip.objects.update(received=timezone.localdate() - timedelta(days=2))
    assert tiles(sign_in(team_lead))["unwatched"] == 2
    assert "unwatched" not in tiles(sign_in(caseworker))
