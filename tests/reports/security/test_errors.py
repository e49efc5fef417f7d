"""What is answered when something cannot be: in plain words, in the site's own look, with a way on."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

pytestmark = pytest.mark.django_db


def test_what_no_view_could_read_is_answered_with_a_way_to_send_the_tip_all_the_same(client: Client) -> None:
    body = urlencode([(f"field{number}", "1") for number in range(3000)])
    answer = client.post("/report/check/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "It is not sent until you see the words of your receipt." in answer.content.decode()


def test_staff_are_told_that_a_page_is_not_open_to_their_role() -> None:
    answer = sign_in(make_user("oda", "Officer")).get("/admin/auth/user/")
    assert answer.status_code == 403
    assert "your role at the desk does not include this page" in answer.content.decode()


def test_a_form_that_was_open_while_they_signed_in_again_says_how_to_save_what_they_typed() -> None:
    user = make_user("oda", "Officer")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(user).cookies
    answer = strict.post("/admin/lock/")
    assert answer.status_code == 403
    assert "What you typed should still be there: copy it." in answer.content.decode()
