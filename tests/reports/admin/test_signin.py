import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain.people import joining

NAMED = {"username": "olu", "password": "olu-password"}


def current_code(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06}"


def other_code(device: TOTPDevice) -> str:
    return f"{(int(current_code(device)) + 1) % 1_000_000:06}"


@pytest.fixture
def app(officer: User) -> TOTPDevice:
    device = joining.begin_totp(user=officer)
    device.confirmed = True
    device.save()
    return device


@pytest.fixture
def codes(officer: User) -> list[str]:
    return joining.recovery_codes(user=officer)


def post(client: Client, **code: str):
    return client.post("/admin/login/?next=/admin/", NAMED | code)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


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
    assert [row["username"] == "olu" for row in kept] == [False, True, False]
    assert [row["failures_since_start"] for row in kept] == [2, 1, 1]  # the same name is still counted together
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
