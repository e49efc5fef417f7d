"""What another website can do with a member's or a resident's browser: send nothing in their name, lead nowhere."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from tests.reports.admin.conftest import sign_in, undone, unlock_with
from tests.site.addresses import Ask, of_the_desk, of_the_site
from tests.site.walk import walk

ELSEWHERE = "elsewhere.example"
LEADING = (
    f"https://{ELSEWHERE}/",
    f"//{ELSEWHERE}/",
    f"/\\{ELSEWHERE}/",
    f"https:{ELSEWHERE}",
    f"javascript:{ELSEWHERE}",
)
PARAMETERS = ("next", "to", "url", "return", "_changelist_filters", "redirect", "_popup", "back")
FOREIGN = {
    "origin": f"https://{ELSEWHERE}",
    "sec-fetch-site": "cross-site",
    "referer": f"https://{ELSEWHERE}/",
}
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# Enough where somebody waits: what signs in and out, locks and unlocks, one of each kind of page, and a public one.
SOME = (
    "log",
    "join",
    "lock",
    "unlock",
    "sessions",
    "people-",
    "reports_tip_s",
    "reports_referral_",
    "newsroom_topic_",
)


@csrf_exempt
def careless(request):
    """Ask for no mark and go where it is told: the control."""
    to = (request.GET or request.POST).get("next")
    return HttpResponseRedirect(to) if to else HttpResponse("done")


urlpatterns = [re_path("", careless)]


@pytest.fixture
def member(desk):
    """Return the browser of a member with every role and an open desk, which checks what Django's own leaves out."""
    desk.boss.groups.set(Group.objects.all())
    client, strict = sign_in(desk.boss), Client(enforce_csrf_checks=True)
    unlock_with(client, desk.keys)
    strict.cookies = client.cookies
    return strict


@pytest.fixture
def under(whole, full):
    """Return how the names of the desk's addresses begin that are tried."""
    return ("",) if whole or full else SOME


def accepted(member, asks):
    """Return each answer of the desk that does something for a form of another site."""
    answers = walk(member, asks, headers=FOREIGN)
    return [str(one) for one in answers if one.acts or one.status not in (302, 303, 400, 403, 405)]


def leading_away(client, paths, *, every=True):
    """Yield each address that sends a browser to another site because a link or a form says so.

    Not `every` kind of link is tried at each address, but one, in turn.
    """
    client.raise_request_exception = False
    for number, path in enumerate(paths):
        for to in LEADING if every else LEADING[number % len(LEADING) :][:1]:
            for send in (client.get, client.post):
                with undone(client):
                    response = send(
                        path,
                        dict.fromkeys(PARAMETERS, to),
                        headers={"referer": to, "host": "testserver"},
                    )
                parts = urlsplit(response.get("Location", "").replace("\\", "/"))
                if parts.netloc not in ("", "testserver") or parts.scheme not in ("", "http"):
                    yield f"{path} leads to {response['Location']}"


@pytest.mark.promise("machine", control="test_an_address_without_these_checks_is_found")
@pytest.mark.proof("other sites", goal="0 at every address")
def test_no_address_of_the_desk_takes_a_form_of_another_site(
    member,
    desk,
    under,
    record_property,
):
    """Another website sends nothing in a member's name."""
    asks = list(of_the_desk(desk.samples, methods=WRITES, under=under))
    found = accepted(member, asks)
    record_property(
        "figure", f"{len(asks)} requests by {len(WRITES)} methods: accepted {len(found)}"
    )
    assert found == []
    assert len(asks) > 100


@pytest.mark.promise("machine", control="test_an_address_without_these_checks_is_found")
@pytest.mark.proof("other sites")
def test_no_address_leads_to_another_site(
    member,
    desk,
    under,
    full,
    record_property,
):
    """No address leads to another site because a link says so."""
    asks = [*of_the_site(), *of_the_desk(desk.samples, methods=("GET",), under=under)]
    paths = [ask.url for ask in asks if ask.name != "logout"]
    signed_in = Client()
    signed_in.cookies = member.cookies
    found = [
        *leading_away(signed_in, paths, every=full),
        *leading_away(Client(), ["/admin/login/"]),
    ]
    record_property(
        "figure", f"{len(paths)} addresses, {len(LEADING)} kinds of link: led away {len(found)}"
    )
    assert found == []


@pytest.mark.proof("other sites", control=True)
def test_an_address_without_these_checks_is_found(member, settings):
    settings.ROOT_URLCONF = __name__
    assert accepted(member, [Ask("index", "POST", "/admin/")]) == ["POST /admin/ (200)"]
    assert f"/news/ leads to https://{ELSEWHERE}" in next(leading_away(member, ["/news/"]))
