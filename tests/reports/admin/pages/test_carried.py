"""Signed out, or signed in again in another tab, while something was typed: it comes back, and nothing is done."""

import re
from collections.abc import Callable

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client

from reports.domain import enquiries
from reports.models import Draft, Tip
from tests.factories import make_keyholder
from tests.reports.admin.conftest import sign_in
from tests.reports.filled import OUR_ORIGIN, carried_in, opened

type Send = Callable[..., Tip]

TYPED = "zzmark: he rang twice about the grey van, and gave a name."


@pytest.fixture(autouse=True)
def demo(settings):
    """Ask for no second factor, as a demonstration does: what is carried is the same."""
    settings.DEMO = True


@pytest.fixture
def enquiry(passphrase, caseworker):
    """Return an enquiry with a summary."""
    return enquiries.begin(by=caseworker, codename="quiet lantern", summary="What is known.")


@pytest.fixture
def client(caseworker, passphrase):
    """Return the caseworker's browser, unlocked, which answers as a real one does to forms that are too old."""
    client = Client(enforce_csrf_checks=True, headers=OUR_ORIGIN)
    client.cookies = sign_in(caseworker).cookies
    unlock(client, passphrase)
    return client


def token_of(page):
    """Return the form token of a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def unlock(client, passphrase):
    page = client.get("/admin/unlock/").text
    answer = client.post(
        "/admin/unlock/", {"passphrase": passphrase, "csrfmiddlewaretoken": token_of(page)}
    )
    assert answer.status_code == 302


def at(enquiry):
    return f"/admin/reports/enquiry/{enquiry.pk}/change/"


def typed(client, enquiry, text=TYPED):
    """Return the enquiry's page with half a summary in its box."""
    page = opened(client, at(enquiry))
    page.fields["text"] = [text]
    return page


def save(client, page, **more):
    """Press "Save the summary"."""
    address = page.button("/summarise/")["formaction"]
    return client.post(address, page.fields | more.pop("fields", {}), **more)


def sign_in_with(client, page, user, password=""):
    """Fill in the sign-in page that was shown."""
    fields = {"username": user.username, "password": password or f"{user.username}-password"}
    hidden = {"carried": carried_in(page), "csrfmiddlewaretoken": token_of(page.text)}
    found = re.search(r'name="next" value="([^"]+)"', page.text)
    return client.post(
        "/admin/login/", fields | hidden | {"next": found[1] if found else ""}, headers=OUR_ORIGIN
    )


def end_session(client):
    """End the session, as three idle hours, a colleague or "lock everywhere" do."""
    Session.objects.all().delete()


def test_signed_out_meanwhile_the_text_comes_back_after_sign_in_and_unlocking(
    client, enquiry, caseworker, passphrase
):
    page, before = typed(client, enquiry), enquiry.version
    end_session(client)
    answer = save(client, page, fields={"passphrase": passphrase, "password": "zzmark-password"})
    assert answer.status_code == 403
    assert "What you typed is not lost." in answer.text
    assert TYPED not in answer.text
    assert "zzmark" not in carried_in(answer)
    assert not Draft.objects.exists()
    assert not Session.objects.exists()  # nothing in an anonymous session
    wrong = answer
    for status in (200, 200, 200, 200, 429):
        wrong = sign_in_with(client, wrong, caseworker, "not the password")
        assert (wrong.status_code, carried_in(wrong)) == (status, carried_in(answer))
    AccessAttempt.objects.all().delete()
    signed_in = sign_in_with(client, wrong, caseworker)
    assert (signed_in.status_code, signed_in["Location"]) == (302, at(enquiry))
    locked = client.get(at(enquiry)).text
    assert TYPED not in locked
    assert "We kept something that you typed here and did not save" in locked
    unlock(client, passphrase)
    again = opened(client, at(enquiry))
    assert again.fields["text"] == [TYPED]
    assert again.fields["codename"] == page.fields["codename"], "what was not touched is as it was"
    assert "zzmark-password" not in str(again.fields)
    assert passphrase not in str(again.fields)
    enquiry.refresh_from_db()
    assert enquiry.version == before  # nothing was done by itself


def test_signed_in_again_in_another_tab(client, enquiry, caseworker, passphrase):
    page = typed(client, enquiry)
    end_session(client)
    sign_in_with(client, client.get("/admin/login/"), caseworker)  # the other tab
    answer = save(client, page)
    assert answer.status_code == 403
    assert "What you typed is not lost." in answer.text
    assert TYPED not in answer.text
    assert not Draft.objects.exists()
    fields = {"carried": carried_in(answer), "csrfmiddlewaretoken": token_of(answer.text)}
    on = client.post("/admin/draft/carried/", fields)
    assert (on.status_code, on["Location"]) == (302, at(enquiry))
    unlock(client, passphrase)
    assert opened(client, at(enquiry)).fields["text"] == [TYPED]


def test_for_another_member_it_is_dropped(client, enquiry, caseworker, team_lead):
    make_keyholder(team_lead)
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page)
    sign_in(team_lead).post("/admin/draft/carried/", {"carried": carried_in(answer)})
    assert not Draft.objects.exists()
    signed_in = sign_in_with(client, answer, team_lead)
    assert signed_in.status_code == 302
    assert "We have deleted it." in client.get("/admin/").text
    assert not Draft.objects.exists()
    assert (
        sign_in_with(Client(headers=OUR_ORIGIN), answer, caseworker).status_code == 302
    )  # the control
    assert Draft.objects.get().author == caseworker


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://testserver.evil.example", ""]
)
def test_what_another_site_sends_is_not_carried(client, enquiry, origin):
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page, headers={"origin": origin})
    assert carried_in(answer) == ""
    assert carried_in(save(client, page, headers=OUR_ORIGIN))  # the control
    for token in ("", "forged", page.fields["draft"][0][:-1]):
        assert carried_in(save(client, page, fields={"draft": token}, headers=OUR_ORIGIN)) == ""
