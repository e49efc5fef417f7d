"""Tips that say the same are one line of the queue, and a press sets them aside or brings them back."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.domain import intake
from reports.domain.intake import outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import AuditEvent, Tip
from reports.sealing import receipts

QUEUE, BESIDE = "/admin/reports/tip/", "/admin/reports/tip/?waiting=aside"
type Send = Callable[..., Tip]


@pytest.fixture
def same(send: Send, officer: User, keys: Keys) -> list[Tip]:
    """Return three opened tips that say the same, the queue's first one first; another stands beside them."""
    tips = [send("They deal by the garages."), send("they deal by the garages"), send("They deal, by the garages!")]
    send("A grey van.")
    opening.open_new(by=officer, keys=keys)
    return sorted(tips, key=lambda tip: tip.reference, reverse=True)


def buttons(client: Client, address: str) -> list[str]:
    """Return where the buttons of the lines lead."""
    return re.findall(r'formaction="([^"]+)"', client.get(address).text)


def said(client: Client, action: str) -> str:
    """Press a button of the queue and return the page that it leads to."""
    answer = client.post(action, {"next": QUEUE}, follow=True)
    assert answer.redirect_chain == [(QUEUE, 302)]
    return answer.text


def test_a_line_for_all_of_them_sets_them_aside_and_brings_them_back(signed_in: Client, same: list[Tip]) -> None:
    client = signed_in  # which needs no unlocked desk
    (action,) = buttons(client, QUEUE)
    assert action == f"/admin/reports/tip/{same[0].pk}/aside/"
    assert "3 unread tips say the same" in (text := client.get(QUEUE).text)
    assert [tip.reference in text for tip in same] == [True, False, False]
    assert "1 to 4 of 4" in text
    assert "Set aside <b>" not in text
    text = said(client, action)
    assert "3 tips set aside. They are kept until somebody reads them." in text
    assert "Set aside <b>3</b>" in text
    (back,) = buttons(client, BESIDE)
    assert back == f"/admin/reports/tip/{same[0].pk}/back/"
    assert "never deleted unread" in client.get(BESIDE).text
    assert "3 tips brought back." in said(client, back)
    assert AuditEvent.objects.filter(act__in=["set-aside", "brought-back"]).count() == 6


def test_the_line_leads_to_each_of_them_by_itself(unlocked: Client, same: list[Tip]) -> None:
    text = unlocked.get(QUEUE, {"same": same[0].reference}).text
    assert all(tip.reference in text for tip in same)
    assert f"says the same as {same[0].reference}" in text
    assert "No tip matches." in unlocked.get(QUEUE, {"same": "K7QX-94MW"}).text
    assert same[0].reference in unlocked.get(QUEUE, {"same": "nonsense"}).text, "what is no reference narrows nothing"


def test_the_first_screen_says_why_the_alarm_rings_for_what_is_set_aside(unlocked: Client, phrase: str) -> None:
    facts = {"suspect": ("filled-trap", "too-fast")}
    intake.accept(token=receipts.new_token(), answers={"what": "Danger.", "danger": "yes"}, **facts)
    outbox.drain()
    text = unlocked.get("/admin/").text
    assert "urgent, but set aside" in text
    assert "?waiting=aside" in text
    assert buttons(unlocked, BESIDE) == [f"/admin/reports/tip/{Tip.objects.get().pk}/back/"]
