"""The search page: words in the body alone, kept on a locked desk, shown with what was found marked."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User

from reports.domain.tips import recusal
from reports.models import AuditEvent, Search, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

URL, WORDS = "/admin/search/", "/admin/searches/"


def post(client, words, **more):
    return client.post(URL, {"words": words, **more})


@pytest.fixture
def tips(send, unlocked):
    """Return two opened tips."""
    made = [send("A marmalade van, <b>KX21 VBN</b>.", area="olney"), send("A marmalade car.")]
    unlocked.get("/admin/reports/tip/")
    return made


def test_search_shows_what_holds_the_words_with_them_marked(unlocked, tips):
    assert "No results" in post(unlocked, "marmalade", area="bradwell").text
    page = post(unlocked, "van kx21vbn").text
    assert tips[0].reference in page
    assert tips[1].reference not in page
    assert "A marmalade <mark>van</mark>, &lt;b&gt;<mark>KX21 VBN</mark>&lt;/b&gt;." in page
    assert "1 tip of 2 searched matches." in page
    assert "Olney" in page


def test_locked_desk_keeps_the_words_and_asks_for_the_passphrase(signed_in, send, passphrase):
    tip = send("A marmalade van.")
    page = post(signed_in, "marmalade van").text
    assert 'value="marmalade van"' in page
    assert "The desk is locked." in page
    assert not Search.objects.exists()
    wrong = post(signed_in, "marmalade van", passphrase="not these words at all no").text
    assert 'value="marmalade van"' in wrong
    assert 'id="id_passphrase_error"' in wrong
    found = post(signed_in, "marmalade van", passphrase=passphrase).text
    assert tip.reference in found


def test_search_filters_by_what_is_encrypted_without_words(unlocked, send):
    for text, answers in (
        ("Każdej nocy samochód przy garażach.", {"under_18": "on"}),
        ("A van. " * 30, {}),
    ):
        made = send(text, **answers)
        for _number in range(21 if answers else 0):
            send(text + " ", **answers)
    unlocked.get("/admin/reports/tip/")
    page = post(unlocked, "", under_18="on", language="pl")
    assert made.reference not in page.text
    assert "22 tips of 23 searched match." in page.text
    assert "Your words are in a part" not in page.text
    more = dict(
        re.findall(
            r'<input type="hidden" name="(under_18|language|at_end|danger|after)" value="([^"]*)"',
            page.text,
        )
    )
    assert more == {
        "under_18": "True",
        "language": "pl",
        "at_end": "False",
        "danger": "False",
        "after": "20",
    }
    assert len(unlocked.post(URL, more).context["results"].hits) == 2


def test_a_reference_opens_its_tip_even_when_locked_and_a_hidden_one_does_not_exist(
    signed_in, caseworker, send, passphrase
):
    tip, hidden = send(), send()
    Tip.objects.filter(pk=tip.pk).update(reference="Q7QX-94MW")
    Tip.objects.filter(pk=hidden.pk).update(reference="HHHH-HHHH")
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    for box in (signed_in.get(URL).text, signed_in.get("/admin/reports/tip/").text):
        assert f'action="{URL}"' in box
    assert 'id="queue_words" data-key="/"' in signed_in.get("/admin/reports/tip/").text
    opened = f"/admin/reports/tip/{tip.pk}/change/"
    assert post(signed_in, " 07qx94mw ")["Location"] == opened
    assert post(signed_in, "Q7QX-94MW", passphrase="")["Location"] == opened
    assert (
        'id="id_passphrase_error"'
        in post(signed_in, "Q7QX-94MW", passphrase="not these words at all no").text
    )
    locked = [post(signed_in, words).text for words in ("hhhhhhhh", "JJJJJJJJ")]
    assert all("The desk is locked." in page for page in locked)
    assert post(signed_in, "q7qx94mw", passphrase=passphrase)["Location"] == opened
    assert 'id="queue_words" data-key="/"' in signed_in.get(opened).text
    assert all("No results" in post(signed_in, words).text for words in ("HHHH-HHHH", "JJJJ-JJJJ"))
    assert Search.objects.count() == 2
    hint = "reference never has a 0, O, 1, I, L or U"
    said = {
        words: hint in post(signed_in, words).text
        for words in ("KE9O-BCA5", "HHHH-HHHH", "marmalade")
    }
    assert said == {"KE9O-BCA5": True, "HHHH-HHHH": True, "marmalade": False}


def test_half_a_reference_names_the_tips_that_have_it_and_no_hidden_one(
    signed_in, caseworker, send
):
    first, second, hidden = send(), send(), send()
    for tip, reference in ((first, "Q7QX-94MW"), (second, "94MW-HHHH"), (hidden, "94MW-JJJJ")):
        Tip.objects.filter(pk=tip.pk).update(reference=reference)
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    page = post(signed_in, " 94mw ").text
    assert [reference in page for reference in ("94MW-HHHH", "Q7QX-94MW", "94MW-JJJJ")] == [
        True,
        True,
        False,
    ]
    assert "Q7QX-94MW" in post(signed_in, "o7qx").text, "an O was read where there is a Q"
    for words in ("94m", "94mw-", "7qx9", "marmalade"):
        assert ("in their reference" in post(signed_in, words).text) is (words == "94mw-"), words


BAD = [
    ({"words": ""}, "or choose a filter."),
    ({"words": "", "language": "xx"}, "Select a valid choice"),
    ({"words": '""'}, "Type a word, a number plate"),
    ({"words": "x" * 301}, "at most 300 characters"),
    ({"words": "van", "status": "gone"}, "Select a valid choice"),
]


def test_bad_input_is_said_beside_the_field_and_nothing_is_lost(unlocked):
    for typed, said in BAD:
        page = unescape(unlocked.post(URL, typed).text)
        assert said in page
        assert "<title>Error:" in page.replace("\n", "")
        assert typed["words"] in ("", '""') or f'value="{typed["words"]}"' in page


def test_team_leads_see_who_searched_and_the_words_once_they_ask(
    unlocked, caseworker, tips, passphrase
):
    post(unlocked, "marmalade", area="olney")
    assert unlocked.get(WORDS).status_code == 403
    boss = sign_in(make_user("bea", "Team lead"))
    page = boss.get(WORDS).text
    assert "olu" in page
    assert "marmalade" not in page
    locked = boss.post(WORDS)
    assert locked["Location"].startswith("/admin/unlock/")
    caseworker.groups.set(User.objects.get(username="bea").groups.all())
    assert "marmalade (area olney)" in unlocked.post(WORDS).text
    assert AuditEvent.objects.filter(act="read-search").count() == 1
    assert WORDS in unlocked.get(URL).text
