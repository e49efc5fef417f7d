"""A stolen session table is no live login; with Django's own sessions it is one."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from reports.security.sessions import SessionStore, row_key
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in

SECRET = "AGE-SECRET-KEY-INVENTED"


def stored():
    """Return the cookie and the row of a session that holds a secret."""
    session = SessionStore()
    session["desk"] = {"identities": [SECRET]}
    session.create()
    return session.session_key, Session.objects.get()


def test_session_opens_with_its_cookie_alone(db):
    cookie, row = stored()
    assert SessionStore(cookie)["desk"] == {"identities": [SECRET]}
    assert "desk" not in SessionStore(row.session_key)
    assert "desk" not in SessionStore("another-cookie-of-the-same-length")


def test_row_put_in_the_place_of_another_opens_nothing(db):
    first, row = stored()
    second = SessionStore()
    second.create()
    Session.objects.filter(session_key=row_key(second.session_key)).update(
        session_data=row.session_data
    )
    assert "desk" not in SessionStore(second.session_key)
    assert "desk" in SessionStore(first)


@pytest.mark.parametrize(
    "engine", ["reports.security.sessions", "django.contrib.sessions.backends.db"]
)
def test_stolen_table_signs_in_nobody_but_with_stock_sessions_it_does(roles, engine):
    with override_settings(SESSION_ENGINE=engine):
        sign_in(make_user("olu", "Caseworker"))
        thief = Client()
        thief.cookies["staff"] = Session.objects.get().session_key
        signed_in = thief.get("/admin/").status_code == 200
    assert signed_in == (engine != "reports.security.sessions")
