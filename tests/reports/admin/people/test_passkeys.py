"""Passkeys: the second step of signing in, made while joining and later, and removed."""

import html
import re
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp_webauthn.models import WebAuthnCredential

from reports.admin.people.ceremony import CEREMONY, WAITS, WAITS_FOR
from reports.domain import enquiries
from reports.domain.people import joining, passkeys
from reports.models import AuditEvent, Draft
from reports.security import known_browsers
from tests.factories import shown
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.people.test_joining import BOTH, PASSWORD
from tests.reports.admin.people.test_sign_in import NAMED, is_in
from tests.reports.authenticator import Authenticator
from tests.reports.filled import opened

OWN, SECOND = "/admin/factors/", "/admin/login/passkey/?next=%2Fadmin%2F"


def browser(user=None):
    """Return a browser under the name that passkeys are made for."""
    client = sign_in(user) if user else Client()
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def options(client, path):
    """Return what a page asks the browser for."""
    found = re.search(r'data-passkey="(.+?)"', client.get(path).text)
    assert found is not None, path
    return html.unescape(found[1])


def add(client, device, **given):
    answer = device.make(options(client, OWN))
    return client.post(
        "/admin/factors/passkey/", {"answer": answer, "password": "olu-password"} | given
    )


@pytest.fixture
def device(caseworker):
    """Return an authenticator that holds a passkey of the caseworker's."""
    made = Authenticator()
    assert add(browser(caseworker), made, name="Phone")["Location"] == OWN
    return made


@pytest.fixture
def halfway(device):
    """Return a browser in which the caseworker has typed their password, and shows no passkey yet."""
    client = browser()
    client.post("/admin/login/", NAMED)
    return client


def test_passkey_is_the_second_step_of_signing_in(device, caseworker):
    client = browser()
    response = client.post("/admin/login/?next=/admin/sessions/", NAMED)
    assert response["Location"] == "/admin/login/passkey/?next=%2Fadmin%2Fsessions%2F"
    assert not is_in(client)
    assert not AuditEvent.objects.filter(act="signed-in").exists(), (
        "the password alone lets nobody in"
    )
    answer = device.show(options(client, response["Location"]))
    assert client.post(response["Location"], {"answer": answer})["Location"] == "/admin/sessions/"
    assert is_in(client)
    assert AuditEvent.objects.get(act="signed-in").detail == {"way": "passkey"}
    assert known_browsers.name(caseworker) in client.cookies


def test_second_step_comes_only_after_the_right_password(device):
    client = browser()
    client.post("/admin/login/", NAMED | {"password": "wrong"})
    page = client.get(SECOND).text
    assert "Type your username and password first" in page
    assert "data-passkey=" not in page
    client.post(SECOND, {"answer": device.show('{"challenge": "AAAA"}')})
    assert not is_in(client)


@pytest.mark.parametrize("change", ["is_active", "is_staff", "time"])
def test_second_step_waits_five_minutes_and_for_members_only(halfway, device, caseworker, change):
    answer = device.show(options(halfway, SECOND))
    if change == "time":
        session = halfway.session
        session[WAITS] |= {"since": time.time() - WAITS_FOR}
        session.save()
    else:
        User.objects.filter(pk=caseworker.pk).update(**{change: False})
    assert "password first" in halfway.post(SECOND, {"answer": answer}).text
    assert not is_in(halfway)


def test_an_answer_serves_once(halfway, device):
    answer = device.show(options(halfway, SECOND))
    wrong = halfway.post(SECOND, {"answer": "{}"}).text
    assert "That is not a passkey for this account." in wrong
    assert "<title>Error: Show your passkey" in wrong
    halfway.post(SECOND, {"answer": answer})  # its ceremony was used up by the wrong answer
    assert not is_in(halfway)


def test_further_passkey_takes_the_password_and_keeps_the_name(caseworker):
    client = browser(caseworker)
    refused = add(client, Authenticator(), password="wrong", name="Laptop")
    assert refused.context["passkey_form"].errors == {"password": ["That is not your password."]}
    assert 'value="Laptop"' in refused.text
    session = client.session
    del session[CEREMONY]
    session.save()
    late = client.post("/admin/factors/passkey/", {"password": "olu-password"})
    assert "That took too long. Press the button again." in late.text
    guesses = [add(client, Authenticator(), password="wrong").status_code for _ in range(4)]
    assert guesses[-1] == 429
    assert passkeys.of(user=caseworker) == []


def test_own_page_lists_and_removes(device, caseworker):
    joining.recovery_codes(user=caseworker)
    client = browser(caseworker)
    assert "<strong>Phone</strong>" in client.get(OWN).text
    removal = f"/admin/factors/passkey/{passkeys.of(user=caseworker)[0].pk}/remove/"
    assert "This is your only way to sign in." in client.post(removal, NAMED, follow=True).text
    add(client, Authenticator(), name="Key")
    assert (
        "That is not your password."
        in client.post(removal, {"password": "wrong"}, follow=True).text
    )
    assert [one.name for one in passkeys.of(user=caseworker)] == ["Phone", "Key"]
    client.post(removal, NAMED)
    assert [one.name for one in passkeys.of(user=caseworker)] == ["Key"]


def test_starting_again_takes_old_passkeys_away(device, caseworker, team_lead):
    code = joining.start_again(user=caseworker, by=team_lead, reauthentication=shown(team_lead))
    client = browser()
    client.post("/admin/join/", {"username": "olu", "code": code})
    client.post("/admin/join/password/", BOTH)
    client.post(
        "/admin/join/passkey/",
        {"answer": Authenticator().make(options(client, "/admin/join/app/"))},
    )
    assert WebAuthnCredential.objects.filter(user=caseworker).count() == 1
    again = browser()
    again.post("/admin/login/", NAMED | {"password": PASSWORD})
    with pytest.raises(passkeys.Refused):
        passkeys.prove(
            user=caseworker,
            state={"challenge": "", "handle": ""},
            answer=device.show(options(again, SECOND)),
        )


def test_what_was_typed_before_goes_along_to_the_passkey(caseworker, device, passphrase):
    begin = f"/admin/reports/enquiry/{enquiries.begin(by=caseworker).pk}/change/"
    member = browser(caseworker)
    form = opened(member, begin)
    form.fields["text"] = ["zzmark: half a summary"]
    member.cookies.clear()
    page = member.post(begin, form.fields, headers={"origin": "http://localhost"})
    held = page.context["carried"].token
    asked = member.post("/admin/login/", NAMED | {"next": begin, "carried": held})
    assert asked.context["carried"].token == held
    wrong = member.post(SECOND, {"answer": "{}", "next": begin, "carried": held})
    assert wrong.context["carried"].token == held
    assert not Draft.objects.exists()
    answer = device.show(html.unescape(re.search(r'data-passkey="(.+?)"', wrong.text)[1]))
    assert (
        member.post(SECOND, {"answer": answer, "next": begin, "carried": held})["Location"] == begin
    )
    assert Draft.objects.get().author == caseworker
