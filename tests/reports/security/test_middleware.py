"""What a request passes: the desk's middleware works at the desk, and nowhere else."""

import pytest
from django.test import Client

OF_THE_DESK = ("session", "user", "_messages")


@pytest.mark.parametrize(
    "path", ["/", "/report/", "/about/privacy/", "/search/", "/no/such/page/", "/admin/login/"]
)
def test_only_a_request_of_the_desk_has_session_user_and_messages(db, path):
    request = Client().get(path).wsgi_request
    assert [name for name in OF_THE_DESK if hasattr(request, name)] == (
        list(OF_THE_DESK) if "admin" in path else []
    )
