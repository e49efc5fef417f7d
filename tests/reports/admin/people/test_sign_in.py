"""Signing in with a password and a code: what is refused, its limits, what the record has of it; a new password."""

import time

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.admin.pages.history import in_words
from reports.admin.people import sign_in as pages
from reports.domain.people import joining, second_factors
from reports.models import AuditEvent
from reports.security import known_browsers
from reports.security.turns import Turns
from tests.reports.admin.conftest import sign_in

NAMED = {"username": "olu", "password": "olu-password"}
NEW = dict.fromkeys(("new_password1", "new_password2"), "lamp-Orchard-917")


def is_in(client):
    return client.get("/admin/").status_code == 200


def current_code(device):
    totp = TOTP(second_factors.app_key(device), device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06}"


def other_code(device):
    return f"{(int(current_code(device)) + 1) % 1_000_000:06}"


@pytest.fixture
def app(caseworker):
    return second_factors.new_app(user=caseworker, key=joining.new_app_key())


@pytest.fixture
def codes(caseworker):
    return joining.recovery_codes(user=caseworker)


def post(client, **code):
    return client.post("/admin/login/?next=/admin/", NAMED | code)


def said(response, field="code"):
    """Return what is said beside a field, which is all that is said."""
    ((named, (text,)),) = response.context["form"].errors.items()
    assert named == field
    return text


def fail(client, times, name="olu"):
    """Fail to sign in so often, and return the statuses."""
    wrong = {"username": name, "password": "wrong"}
    return [client.post("/admin/login/", wrong).status_code for _ in range(times)]


def recorded():
    """Return what the record says of signing in, in order."""
    acts = ("signed-in", "signed-out", "wrong-code", "wrong-password")
    events = AuditEvent.objects.filter(act__in=acts).order_by("seq")
    return list(events.values_list("actor", "act", "subject", "detail"))


def test_sign_in_password_alone_is_not_enough(client, app):
    assert (
        said(post(client))
        == "Type the six digits that your authenticator app shows, or a recovery code."
    )
    assert not is_in(client)
    assert recorded() == [], "an empty code is no wrong one"


def test_sign_in_recovery_code_opens_the_desk_once(client, codes):
    assert post(client, code=codes[0].upper())["Location"] == "/admin/"
    assert is_in(client)
    again = Client()
    assert (
        said(post(again, code=codes[0]))
        == "This code is not right. Type six digits, or a recovery code that you have not used yet."
    )
    assert not is_in(again)


@pytest.mark.proof("guessing")
def test_wrong_app_code_makes_the_app_wait_and_no_recovery_code(client, app, codes):
    wrong = said(post(client, code=other_code(app)))
    assert wrong == (
        "That is not the code that the app shows now. Wait for the next code, and check the clock on your phone."
    )
    assert (
        said(post(client, code=current_code(app)))
        == "There were too many wrong codes. Wait a minute, then try again."
    )
    assert not is_in(client)
    post(client, code=codes[0])
    assert is_in(client)


@pytest.mark.proof("guessing", goal="every guess is answered alike")
def test_wrong_password_says_so_and_never_which_of_the_two(client, caseworker):
    """Who guesses passwords, codes or words is stopped, learns no name, and locks nobody out who worked here before."""
    for name in ("olu", "nobody"):
        answer = client.post(
            "/admin/login/", {"username": name, "password": "wrong", "code": "123456"}
        )
        told = "The username or the password is wrong. Check both and try again."
        assert said(answer, "__all__") == told


def test_session_without_a_second_factor_is_sent_to_sign_in(client, caseworker):
    client.force_login(caseworker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_demonstration_asks_for_no_code(client, caseworker, settings):
    settings.DEMO = True
    page = client.get("/admin/login/")
    assert "code" not in page.context["form"].fields
    assert "This is a demonstration. Nobody reads what you send." in page.text
    post(client)
    assert is_in(client)
    assert recorded() == [("olu", "signed-in", "olu", {"way": "password"})]


def test_passphrase_typed_as_a_user_name_is_kept_nowhere(client, caseworker):
    typed = "copper lantern badge mirror willow strong"
    for name in (typed, typed, "olu", "Olu"):
        where = f"/admin/login/?next=/admin/reports/tip/{typed}/"
        client.post(where, {"username": name, "password": typed, "code": typed})
    kept = list(AccessAttempt.objects.order_by("pk").values())
    assert [row["username"] == "olu" for row in kept] == [False, True]
    assert [row["failures_since_start"] for row in kept] == [2, 2], (
        "one name, however it was written"
    )
    assert kept[0]["username"].startswith("unknown ")
    assert "lantern" not in str(kept)


@pytest.mark.parametrize("name", ["olu", "x y"])
def test_five_wrong_passwords_pause_any_name_and_say_for_how_long(client, app, name):
    assert fail(client, 5, name) == [200, 200, 200, 200, 429]
    response = client.post(
        "/admin/login/", {"username": name, "password": "olu-password", "code": current_code(app)}
    )
    assert response.status_code == 429
    assert "Too many failed sign-in attempts" in response.text
    assert "15 minutes" in response.text
    assert not is_in(client)


@pytest.fixture
def known(client, app):
    """Return a browser in which the caseworker has signed in before; the same code serves once more."""
    post(client, code=current_code(app))
    assert is_in(client)
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        client.cookies.pop(cookie, None)
    TOTPDevice.objects.update(last_t=-1)
    return client


def test_strangers_who_fail_pause_strangers_and_not_who_works_there(known, app):
    assert fail(Client(), 5)[-1] == 429
    assert post(Client(), code=current_code(app)).status_code == 429
    post(known, code=current_code(app))
    assert is_in(known)


def test_own_failures_pause_that_browser_alone(known, app):
    assert fail(known, 5)[-1] == 429
    assert post(known, code=current_code(app)).status_code == 429
    assert post(Client(), code=current_code(app)).status_code == 302


@pytest.mark.parametrize("whose", ["made up", "a colleague's"])
def test_a_browser_is_known_by_its_members_own_cookie_alone(known, app, team_lead, whose):
    name, stranger = known_browsers.name(app.user), Client()
    stranger.cookies[name] = "made up"
    if whose == "a colleague's":
        known_browsers.remember(
            RequestFactory().get("/admin/"), response := HttpResponse(), team_lead
        )
        stranger.cookies[name] = response.cookies[known_browsers.name(team_lead)].value
    assert fail(stranger, 5)[-1] == 429
    assert post(Client(), code=current_code(app)).status_code == 429, "counted as a stranger's"
    cookie = known.cookies[name]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Strict")
    post(known, code=current_code(app))
    assert known.cookies[name].value.partition(":")[0] == cookie.value.partition(":")[0], (
        "it keeps its name"
    )


def test_too_many_at_once_are_asked_to_come_again_and_members_wait_for_no_stranger(
    known, app, monkeypatch
):
    monkeypatch.setattr(pages, "strangers", Turns(at_work=1, waiting=0, seconds=0))
    with pages.strangers.take():
        page = post(Client(), code=current_code(app)).text
        assert "Too many people are signing in at the moment. Wait a few seconds" in page
        assert 'value="olu"' in page, "the name stands in its box"
        assert post(known, code=current_code(app)).status_code == 302
    assert AccessAttempt.objects.count() == 0, "busy is no failure"


@pytest.mark.proof("guessing")
def test_own_password_is_guessed_five_times_and_its_change_is_on_the_record(
    caseworker,
):
    client = sign_in(caseworker)
    response = client.post("/admin/password_change/", {"old_password": "wrong", **NEW})
    assert "That is not your password." in response.text
    assert (
        client.post("/admin/password_change/", {"old_password": "olu-password", **NEW}).status_code
        == 302
    )
    assert AuditEvent.objects.latest("seq").act == "changed-password"
    statuses = [
        client.post("/admin/password_change/", {"old_password": "no", **NEW}).status_code
        for _ in range(4)
    ]
    assert statuses == [200, 200, 200, 429]
    caseworker.refresh_from_db()
    assert caseworker.check_password("lamp-Orchard-917")


def test_signing_in_and_out_is_on_the_record_and_with_what(client, app):
    code = current_code(app)
    assert post(client, code=f"{code[:3]} {code[3:]}")["Location"] == "/admin/"
    client.post("/admin/logout/")
    assert recorded() == [
        ("olu", "signed-in", "olu", {"way": "app"}),
        ("olu", "signed-out", "olu", {}),
    ]
    assert "signed in with a code from an app" in in_words(AuditEvent.objects.get(act="signed-in"))
