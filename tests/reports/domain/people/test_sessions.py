"""Sessions in use stay, up to their absolute end; one that is not stays no longer."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from reports.domain.people import sessions
from reports.models import SessionOwner

LASTS = timedelta(seconds=settings.SESSION_COOKIE_AGE)
ABSOLUTE = timedelta(seconds=settings.SESSION_ABSOLUTE)


def stored(caseworker, *, used, began):
    """Return a session that was last used, and began, so long ago."""
    now = timezone.now()
    row = Session.objects.create(
        session_key="a" * 40, session_data="", expire_date=now - used + LASTS
    )
    sessions.own(row=row.session_key, user_id=caseworker.pk, started=now - began)
    row.owner_row = SessionOwner.objects.get(session_id=row.session_key)  # type: ignore[attr-defined]
    return row


def end():
    """Return when the session ends now."""
    return Session.objects.get().expire_date


@pytest.mark.parametrize(
    ("used", "moves"), [(timedelta(minutes=1), False), (timedelta(minutes=30), True)]
)
def test_session_in_use_is_prolonged_now_and_then(caseworker, used, moves):
    row = stored(caseworker, used=used, began=timedelta(hours=1))
    before = end()
    sessions.touch(row)
    assert (end() > before) is moves


def test_session_is_never_prolonged_beyond_its_absolute_end(caseworker):
    began = ABSOLUTE - timedelta(minutes=1)
    row = stored(caseworker, used=timedelta(minutes=30), began=began)
    sessions.touch(row)
    assert end() <= row.owner_row.started_at + max(ABSOLUTE, began - timedelta(minutes=30) + LASTS)  # type: ignore[attr-defined]


def test_session_without_an_owner_is_left_alone(db):
    row = Session.objects.create(session_key="a" * 40, session_data="", expire_date=timezone.now())
    sessions.touch(row)
    assert end() == row.expire_date
