"""The search page: words in the body alone, kept on a locked desk, shown with what was found marked."""

import logging
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.models import AuditEvent, Search, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

URL, WORDS = "/admin/search/", "/admin/searches/"


def post(client: Client, words: str, **more: str):
    return client.post(URL, {"words": words, **more})


@pytest.fixture
def tips(send, unlocked: Client) -> list[Tip]:
    """Return two opened tips."""
    made = [send("A marmalade van, <b>KX21 VBN</b>.", area="olney"), send("A marmalade car.")]
    unlocked.get("/admin/reports/tip/")
    return made


def test_search_shows_what_holds_the_words_with_them_marked(unlocked, tips):
    assert "Nothing found" in post(unlocked, "marmalade", area="bradwell").text
    page = post(unlocked, "van kx21vbn").text
    assert tips[0].reference in page
    assert tips[1].reference not in page
    assert "A marmalade <mark>van</mark>, &lt;b&gt;<mark>KX21 VBN</mark>&lt;/b&gt;." in page
    assert "1 tip has all your words, of 2 searched." in page
    assert "Olney" in page


def test_further_hits_come_a_page_at_a_time_of_the_same_search(unlocked, tips, monkeypatch):
    monkeypatch.setattr("reports.domain.search.PAGE", 1)
    Tip.objects.filter(pk=tips[1].pk).update(aside=True)
    assert "Show more" not in post(unlocked, "marmalade").text
    first = post(unlocked, "marmalade", at_end="on").text
    more = first[first.index('<form method="post" action="/admin/search/">') :]
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', more))
    assert sent["after"] == "1"
    second = unlocked.post(URL, sent).text
    assert [[tip.reference in page for tip in tips] for page in (first, second)] in (
        [[True, False], [False, True]],
        [[False, True], [True, False]],
    )
    assert "Show more" not in second
    assert Search.objects.count() == 2


def test_no_word_of_a_search_is_in_an_address_a_log_or_the_record(unlocked, tips, caplog):
    with caplog.at_level(logging.DEBUG):
        response = post(unlocked, "marmalade")
    page = response.text
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert not [address for address in addresses if "marmalade" in address]
    assert "marmalade" in page  # the control: it is in the form and in what was found
    record = str(list(AuditEvent.objects.values()))
    assert "marmalade" not in record
    assert "marmalade" not in " ".join(
        line for line in caplog.messages if "INSERT" not in line and "SELECT" not in line
    )
    assert "marmalade" not in unlocked.get("/admin/reports/auditevent/").text
    assert unlocked.get(f"{URL}?words=marmalade").context["found"] is None


def test_locked_desk_keeps_the_words_and_asks_for_the_phrase(signed_in, send, phrase):
    tip = send("A marmalade van.")
    page = post(signed_in, "marmalade van").text
    assert 'value="marmalade van"' in page
    assert "The desk is locked." in page
    assert not Search.objects.exists()
    wrong = post(signed_in, "marmalade van", phrase="not these words at all no").text
    assert 'value="marmalade van"' in wrong
    assert 'id="id_phrase_error"' in wrong
    found = post(signed_in, "marmalade van", phrase=phrase).text
    assert tip.reference in found


BAD: list[tuple[dict[str, str], str]] = [
    ({"words": ""}, "Type what you are looking for."),
    ({"words": '""'}, "Type a word, a number plate"),
    ({"words": "x" * 301}, "at most 300 characters"),
    ({"words": "van", "week": "soon"}, "Type a day of that week"),
    ({"words": "van", "status": "gone"}, "Select a valid choice"),
]


def test_bad_input_is_said_beside_the_field_and_nothing_is_lost(unlocked):
    for typed, said in BAD:
        page = unescape(unlocked.post(URL, typed).text)
        assert said in page
        assert "<title>Error:" in page.replace("\n", "")
        assert typed["words"] in ("", '""') or f'value="{typed["words"]}"' in page


def test_leads_see_who_searched_and_the_words_once_they_ask(unlocked, officer: User, tips, phrase):
    post(unlocked, "marmalade", area="olney")
    assert unlocked.get(WORDS).status_code == 403
    boss = sign_in(make_user("bea", "Lead"))
    page = boss.get(WORDS).text
    assert "olu" in page
    assert "marmalade" not in page
    locked = boss.post(WORDS)
    assert locked["Location"].startswith("/admin/unlock/")
    officer.groups.set(User.objects.get(username="bea").groups.all())
    assert "marmalade (area olney)" in unlocked.post(WORDS).text
    assert AuditEvent.objects.filter(act="read-search").count() == 1
    assert WORDS in unlocked.get(URL).text
