"""Signing in with a code or a passkey; passkeys made while joining and later, and removed."""

import html
import re
import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from reports.admin.sign_in import CEREMONY, CEREMONY_LASTS, WAITS, WAITS_FOR
from reports.domain.people import joining, passkeys, second_factors
from reports.models import Draft
from tests.factories import shown
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.test_joining import boss, invite  # noqa: F401 - a fixture
from tests.reports.authenticator import Authenticator
from tests.reports.filled import opened

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
    code, client, made = invite(boss), browser(), Authenticator()
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
    client.post("/admin/join/", {"username": "nia", "code": invite(boss)})
    assert client.post("/admin/join/passkey/", {"answer": "{}"})["Location"] == "/admin/join/app/"
    assert client.get("/admin/join/passkey/").status_code == 303


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
        session[WAITS] |= {"since": time.time() - WAITS_FOR}
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
    session[CEREMONY] |= {"since": time.time() - CEREMONY_LASTS - 1}
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
    del session[CEREMONY]
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
    removal = f"/admin/factors/passkey/{kept.pk}/remove/"
    assert "This is your only way to sign in." in client.post(removal, NAMED, follow=True).content.decode()
    add(client, Authenticator(), name="Key")
    assert "That is not your password." in client.post(removal, {"password": "wrong"}).content.decode()
    assert [one.name for one in passkeys.of(user=officer)] == ["Phone", "Key"]
    client.post(removal, NAMED)
    assert [one.name for one in passkeys.of(user=officer)] == ["Key"]


def test_session_that_began_with_a_removed_passkey_ends(device, officer: User) -> None:
    client = browser()
    client.post("/admin/login/", NAMED)
    client.post(SECOND, {"answer": device.show(options(client, SECOND))})
    assert is_in(client)
    other = browser(officer)
    add(other, Authenticator())
    other.post(f"/admin/factors/passkey/{passkeys.of(user=officer)[0].pk}/remove/", NAMED)
    assert not is_in(client)


def test_starting_again_takes_old_passkeys_away(device, officer: User, lead: User) -> None:
    code = joining.start_again(user=officer, by=lead, shown=shown(lead))
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


def current_code(device: TOTPDevice) -> str:
    totp = TOTP(second_factors.app_key(device), device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06}"


def other_code(device: TOTPDevice) -> str:
    return f"{(int(current_code(device)) + 1) % 1_000_000:06}"


@pytest.fixture
def app(officer: User) -> TOTPDevice:
    device = joining.begin_totp(user=officer)
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device


@pytest.fixture
def codes(officer: User) -> list[str]:
    return joining.recovery_codes(user=officer)


def post(client: Client, **code: str):
    return client.post("/admin/login/?next=/admin/", NAMED | code)


def test_sign_in_password_alone_is_not_enough(client, app):
    response = post(client)
    assert response.context["form"].errors == {
        "code": ["Type the six digits that your authenticator app shows, or a recovery code."]
    }
    assert not is_in(client)


def test_sign_in_app_code_opens_the_desk(client, app):
    code = current_code(app)
    assert post(client, code=f"{code[:3]} {code[3:]}")["Location"] == "/admin/"
    assert is_in(client)


def test_sign_in_recovery_code_opens_the_desk_once(client, codes):
    assert post(client, code=codes[0].upper())["Location"] == "/admin/"
    assert is_in(client)
    again = Client()
    response = post(again, code=codes[0])
    assert response.context["form"].errors == {
        "code": ["That is neither six digits nor one of your unused recovery codes."]
    }
    assert not is_in(again)


def test_sign_in_wrong_app_code_is_refused_and_counts_for_the_app_alone(client, app, codes):
    response = post(client, code=other_code(app))
    assert response.context["form"].errors == {
        "code": [
            "That is not the code that the app shows now. Wait for the next one, and check the clock on your phone."
        ]
    }
    assert not is_in(client)
    app.refresh_from_db()
    assert app.throttling_failure_count == 1
    assert StaticDevice.objects.get(user__username="olu").throttling_failure_count == 0


@pytest.mark.proof("guessing")
def test_sign_in_right_code_straight_after_a_wrong_one_has_to_wait(client, app):
    post(client, code=other_code(app))
    response = post(client, code=current_code(app))
    assert response.context["form"].errors == {"code": ["Too many wrong codes. Wait a little, then try again."]}
    assert not is_in(client)


def test_sign_in_wrong_recovery_code_does_not_slow_the_app_down(client, app, codes):
    post(client, code="not-a-code")
    assert post(client, code=current_code(app)).status_code == 302
    assert is_in(client)


def test_sign_in_without_any_app_says_what_to_do(client, officer):
    response = post(client, code="123456")
    assert response.context["form"].errors == {
        "code": ["Your account has no authenticator app yet. Use a recovery code, or ask a lead."]
    }


def test_sign_in_app_of_somebody_else_is_refused(client, app, lead):
    response = client.post(
        "/admin/login/", {"username": "lena", "password": "lena-password", "code": current_code(app)}
    )
    assert response.status_code == 200
    assert not is_in(client)


def test_sign_in_unconfirmed_app_is_refused(client, officer):
    device = joining.begin_totp(user=officer)
    assert post(client, code=current_code(device)).status_code == 200
    assert not is_in(client)


def test_sign_in_wrong_password_says_so_and_never_which_of_the_two(client, officer):
    answers = [
        client.post("/admin/login/", {"username": name, "password": "wrong", "code": "123456"}).context["form"].errors
        for name in ("olu", "nobody")
    ]
    assert (
        answers[0]
        == answers[1]
        == {"__all__": ["That user name and password do not belong together. Check both and try again."]}
    )


def test_session_without_a_second_factor_is_sent_to_sign_in(client, officer):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_demonstration_asks_for_no_code(client, officer, settings):
    settings.DEMO = True
    page = client.get("/admin/login/")
    assert "code" not in page.context["form"].fields
    assert "Demonstration. Nobody reads this." in page.content.decode()
    assert post(client).status_code == 302
    assert is_in(client)


def test_phrase_typed_as_a_user_name_is_kept_nowhere(client, officer):
    typed = "copper lantern badge mirror willow strong"
    for name in (typed, typed, "olu", "Olu"):
        client.post(
            f"/admin/login/?next=/admin/reports/tip/{typed}/", {"username": name, "password": typed, "code": typed}
        )
    kept = list(AccessAttempt.objects.order_by("pk").values())
    assert [row["username"] == "olu" for row in kept] == [False, True]
    assert [row["failures_since_start"] for row in kept] == [2, 2]  # one name, however it was written
    assert kept[0]["username"].startswith("unknown ")
    assert "lantern" not in str(kept)


def test_unknown_names_are_paused_too(client, db):
    statuses = [client.post("/admin/login/", {"username": "x y", "password": "wrong"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


def test_five_wrong_passwords_pause_the_name_and_say_for_how_long(client, app):
    wrong = NAMED | {"password": "wrong"}
    statuses = [client.post("/admin/login/", wrong).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    response = post(client, code=current_code(app))
    assert response.status_code == 429
    assert "Too many tries. Wait a little." in response.content.decode()
    assert "a quarter of an hour" in response.content.decode()
    assert not is_in(client)
    assert AccessAttempt.objects.count() == 1


def test_what_was_typed_before_goes_along_to_the_passkey(officer: User, device: Authenticator, phrase: str) -> None:
    begin = "/admin/reports/enquiry/begin/"
    member = browser(officer)
    form = opened(member, begin)
    form.fields["text"] = ["zzmark: half a summary"]
    member.cookies.clear()
    page = member.post(begin, form.fields, headers={"origin": "http://localhost"})
    held = page.context["carried"].token
    asked = member.post("/admin/login/", NAMED | {"next": begin, "carried": held})
    assert asked.context["carried"].token == held
    assert not Draft.objects.exists()
    wrong = member.post(SECOND, {"answer": "{}", "next": begin, "carried": held})
    assert (wrong.status_code, wrong.context["carried"].token) == (200, held)
    answer = device.show(html.unescape(re.search(r'data-passkey="(.+?)"', wrong.text)[1]))
    assert member.post(SECOND, {"answer": answer, "next": begin, "carried": held})["Location"] == begin
    assert Draft.objects.get().author == officer
