"""Unlocking and locking the desk: with which words, until when, and what of the keys is left anywhere then."""

import os
import re
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session

from reports.domain.people import sessions
from reports.domain.triage import triaging
from reports.models import AuditEvent, Checkpoint, Tip
from reports.security.sessions import row_key
from tests.factories import make_keyholder
from tests.reports.acts import acts
from tests.reports.admin.conftest import file_of, said, set_back

QUEUE = "/admin/reports/tip/"


def is_unlocked(client):
    return client.get("/admin/").context["unlocked"]


def checkpoints():
    return Checkpoint.objects.count()


def told(response):
    """Return what is said beside the words."""
    ((text,),) = response.context["passphrase_form"].errors.values()
    return text


def test_unlock_right_words_open_the_desk_under_a_new_session(signed_in, passphrase):
    before = signed_in.cookies["staff"].value
    response = signed_in.post("/admin/unlock/", {"passphrase": passphrase.upper()})
    assert response["Location"] == "/admin/"
    assert signed_in.cookies["staff"].value != before
    assert not Session.objects.filter(session_key=row_key(before)).exists()
    assert is_unlocked(signed_in)
    assert acts()[-1] == "unlocked"


def test_unlock_wrong_words_say_so_beside_the_field_and_are_not_shown_again(signed_in, passphrase):
    page = signed_in.post(
        "/admin/unlock/", {"passphrase": "abacus abdomen abide ability ablaze abnormal"}
    ).text
    error = "These are not your six words. Check each word and try again. You have 4 tries left in the next 15 minutes."
    assert f'id="id_passphrase_error" role="alert" tabindex="-1" autofocus>{error}' in page
    assert "abdomen" not in page
    assert "<title>Error: Unlock the desk | Streetlight</title>" in page
    assert not is_unlocked(signed_in)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type your six words."),
        ("abacus abdomen", "There are six words. You typed 2."),
        (
            "abacus abdomen qqqqqq ability ablaze abnormal",
            "Word 3 is not on our list of words. Check its spelling.",
        ),
        (
            "abacus wwwwww qqqqqq ability ablaze zzzzzz",
            "Words 2, 3 and 6 are not on our list of words. Check their spelling.",
        ),
    ],
)
def test_unlock_says_what_is_wrong_with_the_words(signed_in, passphrase, typed, said):
    response = signed_in.post("/admin/unlock/", {"passphrase": typed})
    left = " You have 4 tries left in the next 15 minutes." if typed else ""
    assert told(response) == f"{said}{left}"
    assert "qqqqqq" not in response.text


def test_unlock_goes_on_to_where_the_member_was(signed_in, passphrase):
    assert (
        signed_in.post("/admin/unlock/", {"passphrase": passphrase, "next": QUEUE})["Location"]
        == QUEUE
    )
    assert signed_in.get(f"/admin/unlock/?next={QUEUE}")["Location"] == QUEUE


def test_next_asks_for_the_words_first_and_says_when_nothing_is_left(signed_in, passphrase, send):
    tip = send()
    assert signed_in.get("/admin/next/")["Location"] == "/admin/unlock/?next=%2Fadmin%2Fnext%2F"
    response = signed_in.post(
        "/admin/unlock/", {"passphrase": passphrase, "next": "/admin/next/"}, follow=True
    )
    assert response.redirect_chain[-1] == (f"{QUEUE}{tip.pk}/change/", 302)
    assert said(signed_in.get("/admin/next/", follow=True)) == ["You have read every tip."]


def test_next_always_leads_to_an_urgent_tip_that_nobody_has(unlocked, team_lead, send):
    first, child, other = (
        send("A knife.", danger="yes"),
        send("A gun.", danger="yes", under_18=True),
        send("A van."),
    )
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=first.pk).update(received="2026-11-02")

    def press(tip):
        return unlocked.get(
            "/admin/next/", {"after": tip.reference} if tip else {}, follow=True
        ).context["tip"]

    listed = [line["tip"] for line in unlocked.get("/admin/").context["for_me"]]
    assert listed == [child, first] == [press(None), press(child)], "in one order"
    assert [press(first), press(child), press(other)] == [child, first, child], (
        "all were opened, and nobody has them"
    )
    assert press(other) == child, "a second click"
    make_keyholder(team_lead)
    triaging.acknowledge(tip=first, by=team_lead)
    assert [press(child), press(other)] == [other, child]
    ends = unlocked.get("/admin/next/", {"after": child.reference}, follow=True)
    assert [re.sub("<[^>]*>", "", text) for text in said(ends)] == [
        "You have read every tip. Nobody has 1 urgent tip."
    ]


@pytest.mark.parametrize("limit", [{"seen": 20 * 60}, {"since": 8 * 3600}])
def test_reading_takes_the_file_away_where_maintenance_did_not_and_writes_nothing(unlocked, limit):
    path, before = file_of(unlocked), (checkpoints(), acts())
    set_back(unlocked, **limit)
    assert not is_unlocked(unlocked)
    assert not path.exists()
    assert "desk" not in unlocked.session
    assert (checkpoints(), acts()) == before


@pytest.mark.parametrize(
    ("mode", "there"), [("same-origin", False), ("cors", False), ("navigate", True)]
)
def test_what_a_script_sends_is_nobody_being_there(unlocked, mode, there):
    set_back(unlocked, seen=settings.IDLE_LOCK - 60)
    before = file_of(unlocked).stat().st_mtime
    unlocked.get("/admin/", headers={"sec-fetch-mode": mode})
    assert (file_of(unlocked).stat().st_mtime > before) == there


@pytest.mark.parametrize("way", ["lock", "logout", "sessions", "row"])
def test_the_file_goes_with_the_session(unlocked, way):
    path = file_of(unlocked)
    if way == "sessions":
        sessions.end(user=User.objects.get(username="olu"))
    elif way == "row":
        Session.objects.all().delete()
        sessions.lock_ended()
    else:
        unlocked.post(f"/admin/{way}/")
    assert not path.exists()


def test_lock_button_is_on_every_page_and_locks_at_once(unlocked):
    for path in ("/admin/", QUEUE, "/admin/password_change/"):
        assert '<form method="post" action="/admin/lock/">' in unlocked.get(path).text
    assert unlocked.post("/admin/lock/")["Location"] == "/admin/"
    assert not is_unlocked(unlocked)
    assert acts()[-1] == "locked"


def test_a_slower_request_of_before_cannot_write_the_keys_back(unlocked):
    stale = unlocked.session
    stale["desk"] = {**stale["desk"]}
    unlocked.post("/admin/lock/")
    with pytest.raises(UpdateError):
        stale.save()
    assert not is_unlocked(unlocked)


def test_record_is_vouched_for_every_five_minutes_while_the_desk_is_in_use(unlocked, send):
    for minutes, due in ((4, 0), (6, 1)):
        send()
        unlocked.get(QUEUE)
        noted, before, newest = (
            settings.RUN_DIR / "verified",
            checkpoints(),
            AuditEvent.objects.latest("seq"),
        )
        os.utime(noted, (time.time() - 60 * minutes,) * 2)
        unlocked.get("/admin/", headers={"sec-fetch-mode": "cors"})
        assert (minutes, checkpoints() - before) == (minutes, due)
    assert Checkpoint.objects.latest("number").seq == newest.seq, "a checkpoint is no event"
