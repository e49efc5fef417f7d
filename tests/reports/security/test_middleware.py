"""What a request passes: the desk's middleware works at the desk, and nowhere else."""

import pytest
from django.test import Client

OF_THE_DESK = ("session", "user", "_messages")


@pytest.mark.parametrize("path", ["/", "/report/", "/about/privacy/", "/search/", "/no/such/page/"])
def test_public_request_has_no_session_no_user_and_no_messages(db: None, path: str) -> None:
    request = Client().get(path).wsgi_request
    assert [name for name in OF_THE_DESK if hasattr(request, name)] == []


def test_request_of_the_desk_has_them_all(db: None) -> None:
    request = Client().get("/admin/login/").wsgi_request
    assert [name for name in OF_THE_DESK if hasattr(request, name)] == list(OF_THE_DESK)
