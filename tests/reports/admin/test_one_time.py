"""What signs in serves once, and a new password ends what the old one had opened elsewhere."""

# ruff: noqa: F811 - fixtures of the other file

from django.contrib.auth.models import User
from django.test import Client

from tests.reports.admin.test_sign_in import (  # noqa: F401 - one is a fixture
    app,
    browser,
    current_code,
    is_in,
    post,
)


def test_six_digits_that_were_used_are_refused_though_the_app_still_shows_them(client, app):
    code = current_code(app)
    post(client, code=code)
    other = Client()
    post(other, code=code)
    assert is_in(client)
    assert not is_in(other)


def test_a_new_password_ends_the_members_other_sessions(officer: User) -> None:
    here, elsewhere = browser(officer), browser(officer)
    assert is_in(elsewhere)
    typed = {"old_password": "olu-password", "new_password1": "lamp-Orchard-917", "new_password2": "lamp-Orchard-917"}
    assert here.post("/admin/password_change/", typed).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
