"""Every public answer, whatever is asked how: the whole list of headers, no cookie, no third party."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import re_path

from newsroom.edition import headers
from tests.newsroom.articles import make_whole
from tests.system.proofs.test_other_sites import of_the_site

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OFTEN_OTHER = {"Cache-Control", "Cross-Origin-Resource-Policy"}  # of stories and feeds, which everybody may keep
LOADED = re.compile(r"<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?(?:src|srcset|data)=\"([^\"]*)\"|")
LINKED = re.compile(
    r"<link\b[^>]*rel=\"(?:stylesheet|icon|preload|preconnect|dns-prefetch)[^\"]*\"[^>]*href=\"([^\"]*)\""
)


def strange(response: HttpResponse) -> list[str]:
    """Return what is wrong with an answer."""
    wanted = {name: value for name, value in headers.every(https=False).items() if name not in OFTEN_OTHER}
    wrong = [f"{name}: {response.get(name)}" for name, value in wanted.items() if response.get(name) != value]
    wrong += [f"no {name}" for name in OFTEN_OTHER if not response.get(name)]
    wrong += [f"cookie {name}" for name in response.cookies]
    text = "" if response.streaming else response.content.decode(errors="replace")
    loaded = [address for found in (LOADED, LINKED) for address in found.findall(text) if address]
    return wrong + [address for address in loaded if not address.startswith(("/", "data:")) or address.startswith("//")]


def all_answers(client: Client) -> Iterator[tuple[str, HttpResponse]]:
    """Ask every public address by every method, as somebody whose browser has cookies of the desk."""
    for address in [*of_the_site(), "/news/a-story/", "/no-such/", "/healthz", "/healthz/desk", "/admin"]:
        for method in METHODS:
            yield f"{method} {address}", client.generic(method, address)


def test_every_public_answer_has_every_header_and_nothing_of_a_third_party(
    phrase: str, record_property: Callable[[str, object], None]
) -> None:
    make_whole("a-story")
    client = Client(raise_request_exception=False)
    asked = dict(all_answers(client))
    found = {asked: wrong for asked, response in asked.items() if (wrong := strange(response))}
    statuses = sorted({response.status_code for response in asked.values()})
    record_property("figure", f"{len(asked)} answers with {statuses}: {len(found)} wrong")
    assert found == {}
    assert {200, 404, 405} <= set(statuses)
    assert max(statuses) < 500 or statuses[-1] == 503


def careless(request: HttpRequest) -> HttpResponse:
    """Set a cookie, and load something from elsewhere: the control."""
    response = HttpResponse('<img alt="" src="https://elsewhere.example/x.png">')
    response.set_cookie("seen", "1")
    return response


urlpatterns = [re_path("", careless)]


def test_control_a_page_with_a_cookie_and_a_strangers_picture_is_caught(settings: object) -> None:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    assert strange(Client().get("/")) == ["cookie seen", "https://elsewhere.example/x.png"]
