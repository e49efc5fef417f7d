"""Joining, page by page, and what a colleague without access sees."""

import base64
import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp

from reports.admin.people import keys
from reports.admin.people.reauthentication import ComparedKey
from reports.domain.audit import audit_log
from reports.domain.keys import keyholders
from reports.models import KeyFileMark, Member
from reports.sealing import keyholder, keyring
from tests.conftest import CHEAP, make_user
from tests.reports import telling
from tests.reports.admin.conftest import set_back, sign_in

PASSWORD = "eleven lamps burn"
BOTH = dict.fromkeys(("new_password1", "new_password2"), PASSWORD)


@pytest.fixture
def boss(roles, monkeypatch):
    """Return the browser of a team lead who founded the desk, and their passphrase."""
    monkeypatch.setattr("reports.sealing.keyholder.ARGON2", CHEAP)
    user = make_user("lena", "Team lead")
    passphrase = keyholders.enrol(user=user, costs=CHEAP)
    keyholders.found_desk(first=Member.objects.get(user=user))
    return sign_in(user), passphrase


def invite(boss, name="nia", role="Caseworker"):
    team_lead, passphrase = boss
    asked_for = {"username": name, "role": role, "passphrase": passphrase}
    page = team_lead.post("/admin/people/invite/", asked_for, follow=True).text
    return re.search(r"[a-z2-7]{5}(-[a-z2-7]{5}){3}", page)[0]


def joined(code, name="nia"):
    """Go from the code to the recovery codes."""
    browser = Client()
    assert (
        browser.post("/admin/join/", {"username": name, "code": code})["Location"]
        == "/admin/join/password/"
    )
    assert browser.post("/admin/join/password/", BOTH)["Location"] == "/admin/join/app/"
    key = browser.session["joining"]["key"]
    page = browser.get("/admin/join/app/").text
    assert "<svg" in page
    assert "style=" not in page
    secret = base64.b32encode(bytes.fromhex(key)).decode().rstrip("=")
    (link,) = re.findall(r'<a href="(otpauth://totp/[^"]*)"', html.unescape(page))
    assert parse_qs(urlsplit(link).query)["secret"][0].rstrip("=") == secret
    wrong = browser.post("/admin/join/app/", {"code": "000000"})
    assert "not the code that the app shows" in wrong.text
    assert not User.objects.filter(username=name).exists(), (
        "nothing is stored before the app is proved"
    )
    digits = f"{totp(bytes.fromhex(key)):06d}"
    assert browser.post("/admin/join/app/", {"code": digits})["Location"] == "/admin/join/codes/"
    codes = re.findall(r'<li class="ref">(.+?)</li>', browser.get("/admin/join/codes/").text)
    return browser, codes


def sent():
    """Send a tip to the desk."""
    return telling.tell("A grey van by the garages.")


@pytest.mark.promise("keys")
def test_newcomer_joins_makes_words_and_is_granted_by_fingerprint(boss):
    """Who waits for access sees counts, and no text."""
    team_lead, passphrase = boss
    tip = sent()
    nia, codes = joined(invite(boss))
    assert len(codes) == 8
    assert codes[0] in nia.get("/admin/join/codes/").text, "until they are written down"
    assert nia.post("/admin/join/codes/")["Location"] == "/admin/join/words/"
    assert nia.get("/admin/join/codes/").status_code == 302
    shown = nia.post("/admin/join/words/", {"show": "1"}, follow=True).text
    card = re.search(r'<ol class="words-card">(.+?)</ol>', shown)[1]
    words = " ".join(re.findall("<li>(.+?)</li>", card))
    again = nia.get("/admin/join/words/").text
    assert "words-card" not in again
    assert not set(words.split()) <= set(re.findall(r"[a-z]+", again))
    wrong = nia.post("/admin/join/words/", {"passphrase": keyholder.new_passphrase()})
    assert "Those are not the words that we showed you." in wrong.text
    assert (
        nia.post("/admin/join/words/", {"passphrase": words.upper()})["Location"]
        == "/admin/join/wait/"
    )
    fingerprint = re.search(r"\d{5}( \d{5}){4}", nia.get("/admin/join/wait/").text)[0]

    first = nia.get("/admin/").text  # counts, and no text
    assert "Desk locked: 1 tip waiting" in first
    assert nia.post("/admin/unlock/", {"passphrase": words}).status_code == 200
    assert "A grey van" not in nia.get(f"/admin/reports/tip/{tip.pk}/change/").text

    pk = User.objects.get(username="nia").pk
    page = team_lead.get(f"/admin/people/{pk}/grant/").text
    assert fingerprint[:-5] in page
    assert fingerprint not in page  # the last group is what the colleague reads
    compared = re.search(r'name="compared" value="([^"]+)"', page)[1]
    typed = {"compared": compared, "passphrase": passphrase}
    refused = team_lead.post(f"/admin/people/{pk}/grant/", typed | {"heard": "00000"})
    assert "Do not give access." in refused.text
    assert keyholders.state_of(User.objects.get(pk=pk)) == "waiting"
    team_lead.post(f"/admin/people/{pk}/grant/", typed | {"heard": fingerprint[-5:]})
    assert "You have access." in nia.get("/admin/join/wait/").text
    nia.post("/admin/unlock/", {"passphrase": words})
    assert "A grey van" in nia.get(f"/admin/reports/tip/{tip.pk}/change/").text


def test_key_that_was_exchanged_since_the_page_was_opened_gets_no_access(boss):
    team_lead, passphrase = boss
    nia = make_user("nia", "Caseworker")
    keyholders.enrol(user=nia, costs=CHEAP)
    url = f"/admin/people/{nia.pk}/grant/"
    compared = re.search(r'name="compared" value="([^"]+)"', team_lead.get(url).text)[1]
    other = keyring.recipient_of(
        keyring.new_identity()
    )  # as a writer of the database finds one that ends as hers does
    Member.objects.filter(user=nia).update(recipient=other)
    typed = {"heard": keyring.fingerprint(other)[-5:], "passphrase": passphrase}
    for key in (compared, other):  # as the page has it, and one that no page of ours has signed
        assert (
            "Someone has changed this key since"
            in team_lead.post(url, typed | {"compared": key}).text
        )
    assert keyholders.state_of(nia) == "waiting"
    assert KeyFileMark.objects.count() == 1


def test_steps_cannot_be_skipped(boss, client):
    for path in ("password/", "app/"):
        assert client.get(f"/admin/join/{path}")["Location"] == "/admin/join/"
    client.post("/admin/join/", {"username": "nia", "code": invite(boss)})
    assert client.get("/admin/join/app/")["Location"] == "/admin/join/password/"
    assert client.get("/admin/join/passkey/").status_code == 303
    assert client.post("/admin/join/passkey/", {"answer": "{}"})["Location"] == "/admin/join/app/"
    assert client.get("/admin/join/codes/")["Location"] == "/admin/login/?next=/admin/join/codes/"
    assert not User.objects.filter(username="nia").exists()


@pytest.mark.promise("team")
@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Type your six words."), ("six words", "There are six words. You typed 2.")],
)
def test_every_act_on_the_key_file_asks_for_the_words_even_on_an_unlocked_desk(
    boss, typed, said, monkeypatch
):
    """Every act on the key file asks for the words, even on an unlocked desk."""
    monkeypatch.setattr("reports.domain.keys.passphrases.TRIES", len(keys.ACTS) + 1)
    team_lead, passphrase = boss
    team_lead.post("/admin/unlock/", {"passphrase": passphrase})  # just now
    nia = make_user("nia", "Caseworker")
    keyholders.enrol(user=nia, costs=CHEAP)
    recipient = Member.objects.get(user=nia).recipient
    compared = {
        "heard": keyring.fingerprint(recipient)[-5:],
        "compared": ComparedKey.signed(recipient),
    }
    for act in keys.ACTS:
        url = (
            f"/admin/people/{nia.pk}/{act.action}/"
            if act.of_member
            else f"/admin/people/{act.action}/"
        )
        assert said in team_lead.post(url, {"passphrase": typed} | compared).text, act.action
    assert KeyFileMark.objects.count() == 1
    assert (
        team_lead.post("/admin/people/rotate/", {"passphrase": passphrase})["Location"]
        == "/admin/people/"
    )
    assert team_lead.get("/admin/").context["unlocked"]


def test_after_a_new_desk_key_others_type_their_words_and_tips_are_sealed_again(boss):
    team_lead, passphrase = boss
    other = sign_in(User.objects.get(username="lena"))
    other.post("/admin/unlock/", {"passphrase": passphrase})
    sent()
    team_lead.post("/admin/people/rotate/", {"passphrase": passphrase})
    assert not other.get("/admin/").context["unlocked"]
    assert (
        "1 of them is not locked with the current key yet." in team_lead.get("/admin/people/").text
    )
    assert team_lead.post("/admin/people/reseal/")["Location"].startswith("/admin/unlock/")
    team_lead.post("/admin/unlock/", {"passphrase": passphrase})
    audit_log.renew_head()  # as unlocking does once it is committed
    team_lead.post("/admin/people/reseal/")
    assert (
        "Everything that we keep is locked with this key." in team_lead.get("/admin/people/").text
    )


def test_lock_everywhere_ends_other_sessions_and_locks_this_one(boss):
    team_lead, passphrase = boss
    other, stranger = (
        sign_in(User.objects.get(username="lena")),
        sign_in(make_user("olu", "Caseworker")),
    )
    team_lead.post("/admin/unlock/", {"passphrase": passphrase})
    assert team_lead.get("/admin/sessions/").text.count("last used about") == 2
    team_lead.post("/admin/sessions/lock/")
    assert not team_lead.get("/admin/").context["unlocked"]
    assert other.get("/admin/").status_code == 302
    assert stranger.get("/admin/").status_code == 200


def test_contact_is_revealed_only_within_ten_minutes_of_the_words(unlocked, send, passphrase):
    tip = send(contact="details", contact_details="01632 960001")
    set_back(unlocked, since=keyholders.FRESH)
    asked = unlocked.post(f"/admin/reports/tip/{tip.pk}/reveal/", {"reveal-reason": "danger"}).text
    assert "Your six words again" in asked
    assert "01632 960001" not in asked
    given = {"reveal-reason": "danger", "passphrase": passphrase}
    assert "01632 960001" in unlocked.post(f"/admin/reports/tip/{tip.pk}/reveal/", given).text
