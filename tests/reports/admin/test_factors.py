"""Passkeys on the pages: made while joining and later, shown as the second step of signing in, removed."""

import html
import re
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp_webauthn.models import WebAuthnCredential

from reports.admin import ceremony, factors
from reports.domain.people import joining, passkeys
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.test_joining import boss, invite  # noqa: F401 - a fixture
from tests.reports.authenticator import Authenticator

NAMED = {"username": "olu", "password": "olu-password"}
OWN, SECOND = "/admin/factors/", "/admin/login/passkey/?next=%2Fadmin%2F"


def browser(user: User | None = None) -> Client:
    """Return a browser under the name that passkeys are made for."""
    client = sign_in(user) if user else Client()
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def options(client: Client, path: str) -> str:
    """Return what a page asks the browser for."""
    found = re.search(r'data-passkey="(.+?)"', client.get(path).content.decode())
    assert found is not None, path
    return html.unescape(found[1])


def add(client: Client, device: Authenticator, **given: str):
    answer = device.make(options(client, OWN))
    return client.post("/admin/factors/passkey/", {"answer": answer, "password": "olu-password"} | given)


@pytest.fixture
def device(officer: User) -> Authenticator:
    """Return an authenticator that holds a passkey of the officer's."""
    made = Authenticator()
    assert add(browser(officer), made, name="Phone")["Location"] == OWN
    return made


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_newcomer_joins_with_a_passkey(boss) -> None:  # noqa: F811
    code, client, made = invite(boss[0]), browser(), Authenticator()
    client.post("/admin/join/", {"username": "nia", "code": code})
    client.post("/admin/join/password/", {"password": "eleven lamps burn", "again": "eleven lamps burn"})
    asked = options(client, "/admin/join/app/")
    assert not User.objects.filter(username="nia").exists()  # nothing of a newcomer is stored before it is proved
    refused = client.post("/admin/join/passkey/", {"answer": "{}"})
    assert "That passkey could not be made." in refused.content.decode()
    assert not User.objects.filter(username="nia").exists()
    answer = made.make(options(client, "/admin/join/app/"))
    assert client.post("/admin/join/passkey/", {"answer": answer})["Location"] == "/admin/join/codes/"
    assert len(re.findall(r'<li class="ref">', client.get("/admin/join/codes/").content.decode())) == 8
    assert is_in(client)
    assert asked != answer
    again = browser()
    assert again.post("/admin/login/", {"username": "nia", "password": "eleven lamps burn"}).status_code == 302
    assert again.post(SECOND, {"answer": made.show(options(again, SECOND))})["Location"] == "/admin/"
    assert is_in(again)


def test_passkey_cannot_be_sent_before_the_steps_that_come_first(boss, client) -> None:  # noqa: F811
    assert client.post("/admin/join/passkey/", {"answer": "{}"})["Location"] == "/admin/join/app/"
    client.post("/admin/join/", {"username": "nia", "code": invite(boss[0])})
    assert client.post("/admin/join/passkey/", {"answer": "{}"})["Location"] == "/admin/join/app/"
    assert client.get("/admin/join/passkey/").status_code == 405


def test_passkey_is_the_second_step_of_signing_in(device) -> None:
    client = browser()
    response = client.post("/admin/login/?next=/admin/sessions/", NAMED)
    assert response["Location"] == "/admin/login/passkey/?next=%2Fadmin%2Fsessions%2F"
    assert not is_in(client)
    answer = device.show(options(client, response["Location"]))
    assert client.post(response["Location"], {"answer": answer})["Location"] == "/admin/sessions/"
    assert is_in(client)


def test_second_step_comes_only_after_the_right_password(device) -> None:
    client = browser()
    assert client.post("/admin/login/", NAMED | {"password": "wrong"}).status_code == 200
    page = client.get(SECOND)
    assert "Type your user name and password first" in page.content.decode()
    assert "data-passkey=" not in page.content.decode()
    assert client.post(SECOND, {"answer": device.show('{"challenge": "AAAA"}')}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("change", ["is_active", "is_staff", "time"])
def test_second_step_waits_five_minutes_and_for_members_only(device, officer: User, change: str) -> None:
    client = browser()
    client.post("/admin/login/", NAMED)
    answer = device.show(options(client, SECOND))
    if change == "time":
        session = client.session
        session[factors.WAITS] |= {"since": time.time() - factors.WAITS_FOR}
        session.save()
    else:
        User.objects.filter(pk=officer.pk).update(**{change: False})
    assert "password first" in client.post(SECOND, {"answer": answer}).content.decode()
    assert not is_in(client)


def test_an_answer_serves_once_and_not_for_ever(device) -> None:
    client = browser()
    client.post("/admin/login/", NAMED)
    answer = device.show(options(client, SECOND))
    wrong = client.post(SECOND, {"answer": "{}"})
    assert "That passkey does not open this account." in wrong.content.decode()
    assert "<title>Error: Show your passkey" in wrong.content.decode()
    assert not is_in(client)
    client.post(SECOND, {"answer": answer})  # its ceremony was used up by the wrong answer
    assert not is_in(client)
    options(client, SECOND)
    session = client.session
    session[ceremony.SLOT] |= {"since": time.time() - ceremony.LASTS - 1}
    session.save()
    assert "That took too long." in client.post(SECOND, {"answer": answer}).content.decode()


def test_code_still_signs_in_who_has_a_passkey_too(device, officer: User) -> None:
    code = joining.recovery_codes(user=officer)[0]
    client = browser()
    assert client.post("/admin/login/?next=/admin/", NAMED | {"code": code})["Location"] == "/admin/"
    assert is_in(client)


def test_recovery_code_is_the_way_to_a_further_passkey(officer: User) -> None:
    code, client, new = joining.recovery_codes(user=officer)[0], browser(), Authenticator()
    assert client.post("/admin/factors/passkey/", {"password": "olu-password"})["Location"].startswith("/admin/login/")
    client.post("/admin/login/", NAMED | {"code": code})
    assert add(client, new).status_code == 302
    assert [one.name for one in passkeys.of(user=officer)] == ["Passkey"]


def test_further_passkey_takes_the_password_and_keeps_the_name(officer: User) -> None:
    client = browser(officer)
    refused = add(client, Authenticator(), password="wrong", name="Laptop")
    assert refused.context["passkey_form"].errors == {"password": ["That is not your password."]}
    assert 'value="Laptop"' in refused.content.decode()
    assert "wrong" not in refused.content.decode()
    assert passkeys.of(user=officer) == []
    session = client.session
    del session[ceremony.SLOT]
    session.save()
    late = client.post("/admin/factors/passkey/", {"password": "olu-password"})
    assert "That took too long. Press the button again." in late.content.decode()


def test_five_wrong_passwords_pause_there_too(officer: User) -> None:
    client = browser(officer)
    for _ in range(4):
        add(client, Authenticator(), password="wrong")
    assert client.post("/admin/factors/passkey/", {"answer": "", "password": "wrong"}).status_code == 429
    assert passkeys.of(user=officer) == []


def test_own_page_lists_and_removes(device, officer: User) -> None:
    client = browser(officer)
    joining.recovery_codes(user=officer)
    page = sign_in(officer).get(OWN, headers={"host": "localhost"}).content.decode()
    assert "<strong>Phone</strong>" in page
    kept = passkeys.of(user=officer)[0]
    client = browser(officer)
    response = client.post(f"/admin/factors/passkey/{kept.pk}/remove/", follow=True)
    assert "This is your only way to sign in." in response.content.decode()
    add(client, Authenticator(), name="Key")
    client.post(f"/admin/factors/passkey/{kept.pk}/remove/")
    assert [one.name for one in passkeys.of(user=officer)] == ["Key"]


def test_session_that_began_with_a_removed_passkey_ends(device, officer: User) -> None:
    client = browser()
    client.post("/admin/login/", NAMED)
    client.post(SECOND, {"answer": device.show(options(client, SECOND))})
    assert is_in(client)
    other = browser(officer)
    add(other, Authenticator())
    other.post(f"/admin/factors/passkey/{passkeys.of(user=officer)[0].pk}/remove/")
    assert not is_in(client)


def test_starting_again_takes_old_passkeys_away(device, officer: User, lead: User) -> None:
    code = joining.start_again(user=officer, by=lead)
    client = browser()
    client.post("/admin/join/", {"username": "olu", "code": code})
    client.post("/admin/join/password/", {"password": "eleven lamps burn", "again": "eleven lamps burn"})
    client.post("/admin/join/passkey/", {"answer": Authenticator().make(options(client, "/admin/join/app/"))})
    assert WebAuthnCredential.objects.filter(user=officer).count() == 1
    again = browser()
    again.post("/admin/login/", NAMED | {"password": "eleven lamps burn"})
    with pytest.raises(passkeys.Refused):
        passkeys.prove(user=officer, state={"challenge": "", "handle": ""}, answer=device.show(options(again, SECOND)))


def test_page_under_another_name_says_where_passkeys_work(officer: User) -> None:
    page = sign_in(officer).get(OWN).content.decode()
    assert "data-passkey=" not in page
    assert "under http://localhost:8000." in page


def test_script_is_a_file_of_our_own_and_nothing_is_inline(officer: User) -> None:
    page = browser(officer).get(OWN)
    body = page.content.decode()
    assert re.findall("<script[^>]*>", body) == ['<script src="/static/js/passkey.js" defer>']
    assert " style=" not in body
    assert "script-src 'self';" in page["Content-Security-Policy"]
