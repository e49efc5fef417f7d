"""A desk that locks by itself: then nobody opens the keys, not even with cookie, database and secret key."""

import os
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from reports.admin import lock
from reports.domain import audit
from reports.domain.audit import verification
from reports.domain.keys.keyholders import Keys
from reports.domain.people import session_files, sessions
from reports.models import AuditEvent, Checkpoint
from reports.security.sessions import SessionStore
from tests.reports.admin.conftest import file_of, set_back

QUEUE = "/admin/reports/tip/"


def is_unlocked(client: Client) -> bool:
    return client.get("/admin/").context["unlocked"]


def checkpoints() -> int:
    return Checkpoint.objects.count()


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("seq").values_list("act", flat=True))


def keys_in(client: Client) -> Keys:
    request = RequestFactory().get("/admin/")
    request.session, request.user = client.session, User.objects.get(username="olu")
    return lock.keys_of(request)


def test_record_is_vouched_for_every_five_minutes_while_the_desk_is_in_use(unlocked, send):
    for minutes, due in ((1, 0), (4, 0), (6, 1)):
        send()
        unlocked.get(QUEUE)
        noted, before, newest = settings.RUN_DIR / "vouched", checkpoints(), AuditEvent.objects.latest("seq")
        os.utime(noted, (time.time() - 60 * minutes,) * 2)
        unlocked.get("/admin/", headers={"sec-fetch-mode": "cors"})
        assert (minutes, checkpoints() - before) == (minutes, due)
        assert AuditEvent.objects.latest("seq") == newest  # a checkpoint is no event
    assert Checkpoint.objects.latest("number").seq == newest.seq
    os.utime(noted, (0, 0))
    unlocked.get("/admin/")
    assert checkpoints() == before + 1  # nothing has happened since
    audit.renew_head()
    run = verification.step(verification.begin(), proof=keys_in(unlocked).vouchers)
    assert run.whole, run.found


def test_desk_that_locks_by_itself_writes_nothing(unlocked):
    before = (checkpoints(), acts())
    set_back(unlocked, seen=settings.IDLE_LOCK)
    assert not is_unlocked(unlocked)
    assert (checkpoints(), acts()) == before


@pytest.mark.parametrize(("minutes", "opens"), [(19, True), (21, False)])
def test_after_twenty_idle_minutes_cookie_and_row_open_nothing(unlocked, minutes, opens):
    cookie, row = unlocked.cookies["staff"].value, Session.objects.get()
    set_back(unlocked, seen=60 * minutes)
    session_files.sweep()  # as maintenance does each minute
    Session.objects.filter(pk=row.pk).update(session_data=row.session_data)
    held = SessionStore(cookie)["desk"]
    assert set(held) == {"sealed"}
    assert (session_files.opened(held["sealed"], row=row.pk) is not None) is opens
    assert is_unlocked(unlocked) is opens


@pytest.mark.parametrize("limit", [{"seen": 20 * 60}, {"since": 8 * 3600}])
def test_reading_takes_the_file_away_where_maintenance_did_not(unlocked, limit):
    path = file_of(unlocked)
    set_back(unlocked, **limit)
    assert path.exists()
    assert not is_unlocked(unlocked)
    assert not path.exists()


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


def test_a_machine_that_has_started_anew_is_locked_and_unlocks(unlocked, unlock, tmp_path, settings):
    settings.RUN_DIR = tmp_path / "another"
    assert not is_unlocked(unlocked)
    unlock(unlocked)
    assert is_unlocked(unlocked)
    assert "desk" in unlocked.session


def test_without_a_place_for_the_file_the_words_are_answered_in_a_sentence(signed_in, phrase, tmp_path, settings):
    settings.RUN_DIR = tmp_path / "file"
    settings.RUN_DIR.touch()
    response = signed_in.post("/admin/unlock/", {"phrase": phrase})
    told = response.context["phrase_form"].errors["phrase"][0]
    assert (
        told
        == f"{settings.RUN_DIR} cannot be used, so the desk stays locked. Whoever runs this machine has to look at it."
    )
