import re
import time

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client

from reports.domain import desk
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.models import AuditEvent, Checkpoint, Member, RingMark
from reports.sealing import keyring
from reports.sealing.wordlist import correct
from reports.security.sessions import row_key
from tests.conftest import CHEAP, make_user
from tests.reports.admin.conftest import file_of, set_back, sign_in

QUEUE = "/admin/reports/tip/"


def is_unlocked(client: Client) -> bool:
    return client.get("/admin/").context["unlocked"]


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("seq").values_list("act", flat=True))


def test_unlock_right_words_open_the_desk_under_a_new_session(signed_in, phrase):
    before = signed_in.cookies["staff"].value
    response = signed_in.post("/admin/unlock/", {"phrase": phrase.upper()})
    assert response["Location"] == "/admin/"
    after = signed_in.cookies["staff"].value
    assert before != after
    assert not Session.objects.filter(session_key=row_key(before)).exists()
    assert is_unlocked(signed_in)
    assert acts()[-1] == "unlocked"


def test_unlock_wrong_words_say_so_beside_the_field_and_are_not_shown_again(signed_in, phrase):
    response = signed_in.post("/admin/unlock/", {"phrase": "abacus abdomen abide ability ablaze abnormal"})
    page = response.content.decode()
    assert response.context["phrase_form"].errors == {
        "phrase": ["These words do not open your key. Check each word and try again. 4 tries are left."]
    }
    assert 'id="id_phrase_error" role="alert" tabindex="-1" autofocus>These words do not open your key.' in page
    assert "abdomen" not in page
    assert "<title>Error: Unlock the desk | Streetlight</title>" in page
    assert not is_unlocked(signed_in)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("abacus abdomen", "There are six words. You typed 2."),
        (
            "abacus abdomen qqqqqq ability ablaze abnormal",
            "Word 3 is not one of the words that we give out. Check its spelling.",
        ),
        (
            "abacus wwwwww qqqqqq ability ablaze zzzzzz",
            "Words 2, 3 and 6 are not among the words that we give out. Check their spelling.",
        ),
    ],
)
def test_unlock_says_which_word_is_on_no_list_and_how_many_tries_are_left(signed_in, phrase, typed, told):
    for left in ("4 tries are left.", "3 tries are left.", "2 tries are left.", "1 try is left."):
        response = signed_in.post("/admin/unlock/", {"phrase": typed})
        assert response.context["phrase_form"].errors["phrase"] == [f"{told} {left}"]
        assert "qqqqqq" not in response.content.decode()
    last = signed_in.post("/admin/unlock/", {"phrase": typed})
    assert last.context["phrase_form"].errors["phrase"] == [f"{told} That was the last try for a quarter of an hour."]


def test_unlock_mends_a_letter(signed_in, phrase):
    word = next(word for word in phrase.split() if correct(f"{word}q") == word)
    signed_in.post("/admin/unlock/", {"phrase": phrase.replace(word, f"{word}q")})
    assert is_unlocked(signed_in)


def test_unlock_no_words_asks_for_them(signed_in, phrase):
    response = signed_in.post("/admin/unlock/", {"phrase": ""})
    assert response.context["phrase_form"].errors == {"phrase": ["Type your six words."]}


def test_unlock_sixth_try_is_refused_even_with_the_right_words(signed_in, phrase):
    for _ in range(5):
        signed_in.post("/admin/unlock/", {"phrase": "wrong"})
    response = signed_in.post("/admin/unlock/", {"phrase": phrase})
    assert response.context["phrase_form"].errors == {
        "phrase": ["Too many wrong phrases. Wait a quarter of an hour, or ask a lead."]
    }
    assert not is_unlocked(signed_in)


@pytest.mark.parametrize("enrolled", [False, True])
def test_unlock_without_access_says_whom_to_ask(phrase, lead, enrolled):
    words = keyholders.enrol(user=lead, costs=CHEAP) if enrolled else "any words"
    response = sign_in(lead).post("/admin/unlock/", {"phrase": words})
    told = response.context["phrase_form"].errors["phrase"][0]
    if enrolled:
        own = keyring.fingerprint(Member.objects.get(user=lead).recipient)
        assert told == (
            "Your words are right, but the desk is not open to you yet. Ask a lead for access. "
            f"The fingerprint of your key is {own}."
        )
    else:
        assert told == "There are six words. You typed 2. 4 tries are left."
        assert "You have no key to this desk yet." in response.content.decode()  # whatever was typed


def test_unlock_goes_on_to_where_the_member_was(signed_in, phrase):
    response = signed_in.post("/admin/unlock/", {"phrase": phrase, "next": QUEUE})
    assert response["Location"] == QUEUE
    assert signed_in.get(f"/admin/unlock/?next={QUEUE}")["Location"] == QUEUE


@pytest.mark.parametrize("wanted", ["https://example.org/admin/", "//example.org/admin/", "/news/", "javascript:1"])
def test_unlock_never_leads_away_from_the_desk(signed_in, phrase, wanted):
    assert signed_in.post("/admin/unlock/", {"phrase": phrase, "next": wanted})["Location"] == "/admin/"


def test_unlock_opens_what_is_new(signed_in, phrase, send):
    tip = send(kind="home", area="olney")
    response = signed_in.post("/admin/unlock/", {"phrase": phrase}, follow=True)
    tip.refresh_from_db()
    assert (tip.opened, tip.category, tip.area, tip.unread) == (True, "home", "olney", True)
    assert [str(message) for message in response.context["messages"]] == ["The desk is unlocked. 1 new arrival opened."]


def test_what_does_not_fit_into_one_page_is_told_and_opened_by_the_next(signed_in, phrase, send, monkeypatch):
    for number in range(3):
        send(f"Report {number}")
    monkeypatch.setitem(opening.open_new.__kwdefaults__, "seconds", 0)
    response = signed_in.post("/admin/unlock/", {"phrase": phrase}, follow=True)
    told = [str(message) for message in response.context["messages"]]
    monkeypatch.undo()
    assert "2 arrivals are still sealed. Each page of the desk opens more of them." in told
    signed_in.get("/admin/reports/tip/")
    assert opening.left() == 0


def test_desk_locks_after_its_idle_minutes(unlocked):
    set_back(unlocked, seen=settings.IDLE_LOCK - 5)
    assert is_unlocked(unlocked)
    set_back(unlocked, seen=settings.IDLE_LOCK)
    assert not is_unlocked(unlocked)
    assert "desk" not in unlocked.session


def test_desk_locks_after_eight_hours_whatever_happens(unlocked):
    set_back(unlocked, since=settings.ABSOLUTE_LOCK - 5)
    assert is_unlocked(unlocked)
    set_back(unlocked, since=settings.ABSOLUTE_LOCK)
    assert not is_unlocked(unlocked)
    assert "desk" not in unlocked.session


def checkpoints() -> int:
    return Checkpoint.objects.count()


@pytest.mark.parametrize("how", ["request", "button"])
def test_desk_with_an_outdated_key_vouches_for_nothing(unlocked, lead, how):
    ring = RingMark.objects.create(version=2, digest="0" * 64, key_index=2)
    new = keyring.new_ring(recipients=[Member.objects.get().recipient])
    (desk.folder() / "desk.pub").write_text(keyring.desk_pub(new))
    before, events = checkpoints(), acts()
    if how == "button":
        unlocked.post("/admin/lock/")
    else:
        set_back(unlocked, seen=settings.IDLE_LOCK)
    assert not is_unlocked(unlocked)
    assert (checkpoints(), acts(), ring.key_index) == (before, events, 2)


def test_signing_out_locks_the_desk_on_the_way(unlocked):
    unlocked.post("/admin/logout/")
    assert acts()[-1] == "locked"
    assert Checkpoint.objects.latest("number").seq == AuditEvent.objects.latest("seq").seq


def test_keys_as_an_older_version_kept_them_are_dropped(unlocked):
    session = unlocked.session
    session["desk"] = {"identities": ["AGE-SECRET-KEY-1"], "seen": time.time(), "since": time.time()}
    session.save()
    assert not is_unlocked(unlocked)
    assert "desk" not in unlocked.session


@pytest.mark.parametrize(("mode", "there"), [("same-origin", False), ("cors", False), ("navigate", True)])
def test_what_a_script_sends_is_nobody_being_there(unlocked, mode, there):
    set_back(unlocked, seen=settings.IDLE_LOCK - 60)
    before = file_of(unlocked).stat().st_mtime
    unlocked.get("/admin/", headers={"sec-fetch-mode": mode})
    assert (file_of(unlocked).stat().st_mtime > before) == there


def test_a_request_counts_as_being_there(unlocked):
    set_back(unlocked, seen=600)
    assert is_unlocked(unlocked)
    assert time.time() - file_of(unlocked).stat().st_mtime < 5


def test_lock_button_is_on_every_page_and_locks_at_once(unlocked):
    for path in ("/admin/", QUEUE, "/admin/password_change/"):
        assert '<form method="post" action="/admin/lock/">' in unlocked.get(path).content.decode()
    assert unlocked.post("/admin/lock/")["Location"] == "/admin/"
    assert not is_unlocked(unlocked)
    assert acts()[-1] == "locked"


def test_lock_by_get_does_nothing(unlocked):
    assert unlocked.get("/admin/lock/")["Location"] == "/admin/"
    assert is_unlocked(unlocked)


def test_a_slower_request_of_before_cannot_write_the_keys_back(unlocked):
    stale = unlocked.session
    stale["desk"] = {**stale["desk"]}
    unlocked.post("/admin/lock/")
    with pytest.raises(UpdateError):
        stale.save()
    assert not is_unlocked(unlocked)


def test_signing_out_drops_the_keys(unlocked):
    row = row_key(unlocked.cookies["staff"].value)
    unlocked.post("/admin/logout/")
    assert not Session.objects.filter(session_key=row).exists()
    assert dict(unlocked.session) == {}


def test_keys_are_readable_in_no_session_row_header_message_or_log(signed_in, phrase, send, keys, caplog):
    tip = send()
    responses = [
        signed_in.post("/admin/unlock/", {"phrase": phrase, "next": QUEUE}),
        signed_in.get(QUEUE),
        signed_in.get(f"{QUEUE}{tip.pk}/change/"),
        signed_in.get("/admin/next/"),
        signed_in.post("/admin/lock/"),
    ]
    shown = "".join(f"{r.headers} {r.cookies.output()} {r.content.decode()}" for r in responses)
    stored = "".join(Session.objects.values_list("session_data", flat=True))
    logged = "".join(str(record.__dict__) for record in caplog.records)
    words = re.compile(re.escape(phrase), re.IGNORECASE)
    for place in (shown, stored, logged):
        assert "AGE-SECRET-KEY" not in place
        assert not words.search(place)
    assert "AGE-SECRET-KEY" in keys.identities[0]


def test_member_who_may_not_read_tips_has_no_lock(roles):
    auditor = sign_in(make_user("ada", "Auditor"))
    for path in ("/admin/unlock/", "/admin/next/"):
        assert auditor.get(path).status_code == 403
    assert "Desk locked" not in auditor.get("/admin/").content.decode()


def test_next_on_a_locked_desk_asks_for_the_words_and_comes_back(signed_in, phrase, send):
    tip = send()
    assert signed_in.get("/admin/next/")["Location"] == "/admin/unlock/?next=%2Fadmin%2Fnext%2F"
    response = signed_in.post("/admin/unlock/", {"phrase": phrase, "next": "/admin/next/"}, follow=True)
    assert response.redirect_chain[-1] == (f"{QUEUE}{tip.pk}/change/", 302)


def test_next_with_nothing_left_says_so(unlocked):
    response = unlocked.get("/admin/next/", follow=True)
    assert [str(message) for message in response.context["messages"]][-1] == "You have read everything that waits."
