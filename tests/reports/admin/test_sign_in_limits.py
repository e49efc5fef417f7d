"""The limits of signing in: strangers pause strangers, and a few hash at a time."""

# ruff: noqa: F811 - fixtures of the other file

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

import config.settings
from reports.admin import sign_in
from reports.admin.audit import in_words
from reports.domain.people import sign_ins
from reports.models import AuditEvent
from reports.security import known_browsers
from reports.security.turns import Turns
from tests.reports.admin.test_sign_in import (  # noqa: F401 - two are fixtures
    NAMED,
    app,
    browser,
    current_code,
    device,
    is_in,
    options,
    post,
)


def fail(client: Client, times: int) -> list[int]:
    """Fail to sign in so often, and return the statuses."""
    return [client.post("/admin/login/", NAMED | {"password": "wrong"}).status_code for _ in range(times)]


def come_back(client: Client, app: TOTPDevice) -> Client:
    """Sign in, and return the same browser after the session's end."""
    assert is_in(client) or (post(client, code=current_code(app)) and is_in(client))
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        client.cookies.pop(cookie, None)
    TOTPDevice.objects.update(last_t=-1)  # the same code serves again
    return client


@pytest.mark.proof("guessing")
def test_strangers_who_fail_pause_strangers_and_not_who_works_there(client, app):
    known = come_back(client, app)
    assert fail(Client(), 5)[-1] == 429
    assert post(Client(), code=current_code(app)).status_code == 429
    assert post(known, code=current_code(app)).status_code == 302
    assert is_in(known)


def test_own_failures_pause_that_browser_alone(client, app):
    known = come_back(client, app)
    assert fail(known, 5)[-1] == 429
    assert post(known, code=current_code(app)).status_code == 429
    other = Client()
    assert post(other, code=current_code(app)).status_code == 302


@pytest.mark.parametrize("whose", ["made up", "a colleague's"])
def test_a_browser_is_known_by_its_members_own_cookie_alone(client, app, lead, whose):
    known = come_back(client, app)
    name = known_browsers.name(app.user)
    stranger = Client()
    stranger.cookies[name] = "made up"
    if whose == "a colleague's":
        request = RequestFactory().get("/admin/")
        known_browsers.remember(request, response := HttpResponse(), lead)
        stranger.cookies[name] = response.cookies[known_browsers.name(lead)].value
    assert fail(stranger, 5)[-1] == 429
    assert post(Client(), code=current_code(app)).status_code == 429, "counted as a stranger's"
    assert known.cookies[name]["path"] == "/admin/"
    assert (known.cookies[name]["httponly"], known.cookies[name]["samesite"]) == (True, "Strict")


def test_a_browser_keeps_its_name_when_its_member_comes_again(client, app):
    first = come_back(client, app).cookies[known_browsers.name(app.user)].value
    post(client, code=current_code(app))
    again = client.cookies[known_browsers.name(app.user)].value
    assert first.partition(":")[0] == again.partition(":")[0]


def test_a_passkey_makes_the_browser_known_too(device, officer: User) -> None:
    client = browser()
    to = client.post("/admin/login/?next=/admin/", NAMED)["Location"]
    client.post(to, {"answer": device.show(options(client, to))})
    assert known_browsers.name(officer) in client.cookies


def test_too_many_at_once_are_asked_to_come_again_and_members_wait_for_no_stranger(client, app, monkeypatch):
    known = come_back(client, app)
    monkeypatch.setattr(sign_in, "strangers", Turns(at_work=1, waiting=0, seconds=0))
    with sign_in.strangers.take():
        response = post(Client(), code=current_code(app))
        assert "Too many people are signing in at this moment. Wait a few seconds" in response.content.decode()
        assert 'value="olu"' in response.content.decode(), "the name stands in its box"
        assert post(known, code=current_code(app)).status_code == 302
    assert AccessAttempt.objects.count() == 0, "busy is no failure"


def test_passwords_are_hashed_at_the_cost_that_is_named(settings):
    settings.PASSWORD_HASHERS = config.settings.PASSWORD_HASHERS
    hashed = make_password("a password")
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("a password", hashed)


@pytest.mark.proof("guessing")
def test_own_password_is_guessed_five_times_and_its_change_is_on_the_record(officer: User) -> None:
    client = browser(officer)
    new = {"new_password1": "lamp-Orchard-917", "new_password2": "lamp-Orchard-917"}
    response = client.post("/admin/password_change/", {"old_password": "wrong", **new})
    assert "That is not your password." in response.content.decode()
    assert client.post("/admin/password_change/", {"old_password": "olu-password", **new}).status_code == 302
    assert AuditEvent.objects.latest("seq").act == "changed-password"
    statuses = [client.post("/admin/password_change/", {"old_password": "no", **new}).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    officer.refresh_from_db()
    assert officer.check_password("lamp-Orchard-917")


def recorded() -> list[tuple[str, str, str, dict[str, str]]]:
    """Return what the record says of signing in, in order."""
    acts = ("signed-in", "signed-out", "wrong-code", "wrong-password")
    events = AuditEvent.objects.filter(act__in=acts).order_by("seq")
    return list(events.values_list("actor", "act", "subject", "detail"))


def test_signing_in_and_out_is_on_the_record_and_with_what(client, app):
    post(client, code=current_code(app))
    client.post("/admin/logout/")
    assert recorded() == [("olu", "signed-in", "olu", {"way": "app"}), ("olu", "signed-out", "olu", {})]
    assert "signed in with the code of an app" in in_words(AuditEvent.objects.get(act="signed-in"))


def test_a_passkey_and_a_demonstrations_password_are_on_the_record_as_such(device, officer: User, settings):
    client = browser()
    to = client.post("/admin/login/?next=/admin/", NAMED)["Location"]
    assert recorded() == [], "the password alone lets nobody in"
    client.post(to, {"answer": device.show(options(client, to))})
    settings.DEMO = True
    Client().post("/admin/login/?next=/admin/", NAMED)
    assert [detail["way"] for *_rest, detail in recorded()] == ["passkey", "password"]


def test_wrong_codes_are_on_the_record_and_an_empty_one_is_none(client, app):
    post(client, code="")
    assert recorded() == []
    for _ in range(3):
        post(client, code="000000")
    assert recorded() == [("system", "wrong-code", "olu", {})]


def test_a_page_writes_the_same_for_a_name_that_exists_and_for_one_that_does_not(app):
    """What stands on the record of failures is counted by maintenance: a page would take longer for our names."""
    for name in ("olu", "nobody"):
        Client().post("/admin/login/", {"username": name, "password": "wrong"})
    assert recorded() == []
    sign_ins.record_failures(now=timezone.now())
    assert recorded() == [("system", "wrong-password", "olu", {"count": 1})]


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_a_next_that_leads_elsewhere_ends_at_the_desk(client, app, to):
    given = NAMED | {"code": current_code(app), "next": to}
    response = client.post("/admin/login/", given)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get(response["Location"]).status_code == 200
