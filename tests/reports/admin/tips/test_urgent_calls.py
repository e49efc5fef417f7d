"""Urgent calls, tips that came another way, and the line that nobody watches, as members see them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import formats, timezone

from reports.domain import desk
from reports.domain.intake import outbox
from reports.domain.referrals import urgent_calls
from reports.domain.triage import safety
from reports.models import AuditEvent, Tip, UrgentCall
from reports.sealing import receipts
from tests.reports.admin.conftest import sign_in, tiles
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import newest_keys
from tests.reports.telling import tell

SAID = {"to": "children", "whom": "Duty worker", "when": "now", "reference": "R1"}
SAID |= {"ground": "child", "danger": "A boy is held there."}
TYPED = {f"disclose-{name}": value for name, value in SAID.items()}
CALLS, RECORD = "/admin/reports/tip/danger/", "/admin/reports/tip/record/"


def test_second_person_finds_it_on_the_first_screen_next_day(unlocked, send, team_lead):
    tip, first, second = send(), sign_in(team_lead), unlocked
    call = urgent_calls.add(tip=tip, **SAID, by=team_lead, keys=newest_keys())
    assert "calls" not in tiles(second)
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))
    assert (tiles(second)["calls"], tiles(first)["calls"]) == (1, 1)
    page = second.get(CALLS).text
    assert tip.reference in page
    assert "another team member must look at it" in first.get(CALLS).text
    assert "Decisions about danger" in first.get(CALLS).text
    assert "Decisions about danger" not in page, "a caseworker looks at calls alone"
    named = {"call": call.pk, f"review-{call.pk}-call": call.pk}
    refused = second.post(address(tip, "review"), named).text
    assert "Write something before you save the note." in refused
    found = named | {f"review-{call.pk}-found": "Right."}
    said = second.post(address(tip, "review"), found, follow=True).text
    assert "you have looked at the call" in said
    assert "calls" not in tiles(second)
    assert "We cannot find this call." in second.post(address(tip, "review"), {"call": "x"}).text


def care(client, tip: Tip) -> str:
    """Return what the tip's page says to bear in mind, on one line."""
    text = client.get(address(tip)).text
    block = text[text.index('<dl class="care">') :].partition("</dl>")[0]
    return " ".join(re.sub("<[^>]+>", " ", block).split())


@pytest.mark.parametrize(
    "answers", [{"danger": "yes"}, {"under_18": True}, {"kind": "children"}, {"call": "life"}, {"decision": True}, {}]
)
def test_danger_or_a_child_puts_999_first_then_the_contact_then_a_team_lead(unlocked, send, caseworker, answers):
    desk.save_profile(replace(desk.profile(), safeguarding="Sam, extension 7"))
    tip = send(**{name: value for name, value in answers.items() if name not in ("call", "decision")})
    if "call" in answers:
        urgent_calls.add(tip=tip, **SAID | {"to": "other", "ground": "life"}, by=caseworker, keys=newest_keys())
    if "decision" in answers:
        safety.add(tip=tip, kind="closed", choice="police", text="A knife.", by=caseworker, keys=newest_keys())
    text = care(unlocked, tip)
    assert ("phone 999 first" in text.partition("Tell the police?")[0]) is bool(answers)
    if answers:
        assert text.index("phone 999 first") < text.index("Sam, extension 7") < text.index("tell a team lead")
    assert "No answer. If someone is in danger, phone 999 now. Otherwise ask a team lead first." in text


def test_who_was_told_replaces_the_demand_until_something_comes_after_the_call(unlocked, passphrase, caseworker):
    token = receipts.new_token()
    tip = tell("He has a knife.", token=token, under_18=True)
    assert "tell children’s services now" in care(unlocked, tip)
    called = {name: value for name, value in TYPED.items() if name != "disclose-when"}
    page = press(unlocked, tip, "disclose", **{name.replace("-", "__"): value for name, value in called.items()})
    assert "your call is recorded" in page.text
    (call,) = page.context["sections"]["calls"]["calls"]
    told = f"Children’s services were told by olu, {call['content']['when']}."
    text = care(unlocked, tip)
    assert (told in text, "services now" in text, "phone 999 first" in text) == (True, False, True)
    urgent_calls.add(tip=tip, **SAID | {"to": "999", "when": "later"}, by=caseworker, keys=newest_keys())
    text = care(unlocked, tip)
    assert ("The police were told by olu, later." in text, told in text, "999 first" in text) == (True, True, False)
    tell("He is at the door.", token=token)
    text = care(unlocked, tip)
    assert ("phone 999 first" in text, "services now" in text, "were told by olu" in text) == (True, True, False)


def test_when_did_you_call_begins_with_now_and_a_refusal_names_what_is_missing(unlocked, send):
    tip, before = send(police="yes"), timezone.localtime()
    page = unlocked.get(address(tip))
    fits = {formats.date_format(moment, "j M, H:i") for moment in (before, timezone.localtime())}
    assert set(sent(page)["disclose-when"]) <= fits
    refused = press(unlocked, tip, "disclose", on=page, disclose__to="children", disclose__whom="Duty worker").text
    assert "To record this call, choose the danger, and write who is in danger and of what." in refused
    assert "nobody else" not in refused


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
