"""Our own pages are told from all others, by what browsers say of them."""

from django.test import RequestFactory

from reports.security.origin import is_foreign

ONION = f"{'a' * 56}.onion"


def test_an_onion_page_is_our_own_where_a_balancer_says_https_of_everything(
    settings,
):
    settings.ALLOWED_HOSTS, settings.ONION_ADDRESS = ["*"], ONION
    headers = {"host": ONION, "origin": f"http://{ONION}"}
    assert not is_foreign(RequestFactory().post("/report/", headers=headers, secure=True))
