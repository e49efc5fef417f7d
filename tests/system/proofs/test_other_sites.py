"""What another website can do with a member's or a resident's browser: send nothing, lead nowhere, frame nothing."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import get_resolver, re_path
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

from reports.admin import roles
from reports.models import AuditEvent
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.test_roles import Samples, samples, where  # noqa: F401 - a fixture
from tests.system.proofs.fuzzing import fill

pytestmark = [pytest.mark.django_db, pytest.mark.long]

ELSEWHERE = "elsewhere.example"
LEADING = (
    f"https://{ELSEWHERE}/",
    f"//{ELSEWHERE}/",
    f"/\\{ELSEWHERE}/",
    f"https:{ELSEWHERE}",
    f"javascript:{ELSEWHERE}",
)
PARAMETERS = ("next", "to", "url", "return", "_changelist_filters", "redirect", "_popup", "back")
FOREIGN = {"origin": f"https://{ELSEWHERE}", "sec-fetch-site": "cross-site", "referer": f"https://{ELSEWHERE}/"}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@csp_override({})
@csrf_exempt
def careless(request: HttpRequest) -> HttpResponse:
    """Ask for no mark, go where it is told, and be framed by anybody: the control."""
    to = (request.GET or request.POST).get("next")
    return HttpResponseRedirect(to) if to else HttpResponse("done")


urlpatterns = [re_path("", careless)]


@pytest.fixture
def member(officer: User, lead: User) -> Client:
    """Return the browser of a member with every role, which checks what Django's test client leaves out."""
    officer.groups.set(Group.objects.all())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(officer).cookies
    strict.raise_request_exception = False
    return strict


def of_the_site() -> Iterator[str]:
    """Yield every address of the public side."""
    for one in get_resolver("reports.urls").url_patterns + get_resolver("newsroom.urls").url_patterns:
        yield fill(str(one.pattern))


def accepted(member: Client, samples: Samples) -> Iterator[str]:  # noqa: F811
    """Yield each address of the desk that does something for a form of another site."""
    for address in roles.addresses():
        url = where(address, samples)
        for method in WRITES:
            before = AuditEvent.objects.count()
            with transaction.atomic():
                response = member.generic(method, url, headers=FOREIGN)
                changed = AuditEvent.objects.count() != before
                transaction.set_rollback(True)
            if changed or response.status_code not in (302, 303, 400, 403, 405):
                yield f"{method} {url} is answered with {response.status_code}"


def leading_away(client: Client, addresses: Iterable[str], *, every: bool = True) -> Iterator[str]:
    """Yield each address that sends a browser to another site because a link or a form says so.

    Not `every` kind of link is tried at each address, but one, in turn.
    """
    for number, url in enumerate(addresses):
        for to in LEADING if every else LEADING[number % len(LEADING) :][:1]:
            asked = dict.fromkeys(PARAMETERS, to)
            for send in (client.get, client.post):
                with transaction.atomic():
                    response = send(url, asked, headers={"referer": to, "host": "testserver"})
                    transaction.set_rollback(True)
                parts = urlsplit(response.get("Location", "").replace("\\", "/"))
                if parts.netloc not in ("", "testserver") or parts.scheme not in ("", "http"):
                    yield f"{url} leads to {response['Location']}"


def framed(client: Client, addresses: Iterable[str]) -> Iterator[str]:
    """Yield each address whose page another site may show inside its own."""
    for url in addresses:
        with transaction.atomic():
            response = client.get(url)
            transaction.set_rollback(True)
        if "frame-ancestors 'none'" not in response.get("Content-Security-Policy", ""):
            yield f"{url} ({response.status_code})"


def of_the_desk(samples: Samples) -> Iterator[str]:  # noqa: F811
    """Yield every address of the desk, but the one that ends the session."""
    yield from (where(address, samples) for address in roles.addresses() if address.name != "logout")


def test_no_address_of_the_desk_takes_a_form_of_another_site(
    member: Client,
    samples: Samples,  # noqa: F811
    record_property: Callable[[str, object], None],
) -> None:
    found = list(accepted(member, samples))
    record_property("figure", f"{len(list(roles.addresses()))} addresses, {len(WRITES)} methods: accepted {len(found)}")
    assert found == []


def test_no_address_leads_to_another_site(
    member: Client,
    samples: Samples,  # noqa: F811
    full: bool,
    record_property: Callable[[str, object], None],
) -> None:
    addresses = [*of_the_site(), *of_the_desk(samples)]
    signed_in = Client(raise_request_exception=False)
    signed_in.cookies = member.cookies
    found = [*leading_away(signed_in, addresses, every=full), *leading_away(Client(), ["/admin/login/"])]
    record_property("figure", f"{len(addresses)} addresses, {len(LEADING)} kinds of link: led away {len(found)}")
    assert found == []


def test_no_page_can_be_framed(
    member: Client,
    samples: Samples,  # noqa: F811
    record_property: Callable[[str, object], None],
) -> None:
    addresses = [*of_the_site(), *of_the_desk(samples), "/no-such/", "/admin/no-such/", "/healthz"]
    found = list(framed(member, addresses))
    record_property("figure", f"{len(addresses)} addresses: framed {len(found)}")
    assert found == []


def test_an_address_without_these_checks_is_found(
    member: Client,
    samples: Samples,  # noqa: F811
    settings: Any,
) -> None:
    settings.ROOT_URLCONF = __name__
    assert "POST /admin/" in next(accepted(member, samples))
    assert f"/news/ leads to https://{ELSEWHERE}" in next(leading_away(member, ["/news/"]))
    assert list(framed(member, ["/news/"])) == ["/news/ (200)"]
