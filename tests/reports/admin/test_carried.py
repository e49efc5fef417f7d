"""Signed out, or signed in again in another tab, while something was typed: it comes back, and nothing is done."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from reports.domain import drafts, enquiries
from reports.domain.tips import recusal
from reports.models import Draft, Enquiry, Member, Tip
from tests.factories import make_keyholder
from tests.reports.admin.conftest import sign_in
from tests.reports.filled import OUR_ORIGIN, Filled, opened

type Send = Callable[..., Tip]

TYPED = "zzmark: he rang twice about the grey van, and gave a name."


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    """Ask for no second factor, as a demonstration does: what is carried is the same."""
    settings.DEMO = True


@pytest.fixture
def enquiry(phrase: str, officer: User) -> Enquiry:
    """Return an enquiry with a summary."""
    return enquiries.begin(by=officer, codename="quiet lantern", summary="What is known.")


@pytest.fixture
def client(officer: User, phrase: str) -> Client:
    """Return the officer's browser, unlocked, which answers as a real one does to forms that are too old."""
    client = Client(enforce_csrf_checks=True, headers=OUR_ORIGIN)
    client.cookies = sign_in(officer).cookies
    unlock(client, phrase)
    return client


def token_of(page: str) -> str:
    """Return the form token of a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def unlock(client: Client, phrase: str) -> None:
    page = client.get("/admin/unlock/").text
    answer = client.post("/admin/unlock/", {"phrase": phrase, "csrfmiddlewaretoken": token_of(page)})
    assert answer.status_code == 302


def at(enquiry: Enquiry) -> str:
    return f"/admin/reports/enquiry/{enquiry.pk}/change/"


def typed(client: Client, enquiry: Enquiry, text: str = TYPED) -> Filled:
    """Return the enquiry's page with half a summary in its box."""
    page = opened(client, at(enquiry))
    page.fields["text"] = [text]
    return page


def save(client: Client, page: Filled, **more: Any) -> HttpResponse:
    """Press "Save the summary"."""
    address = page.button("/summarise/")["formaction"]
    return client.post(address, page.fields | more.pop("fields", {}), **more)


def carried_in(page: HttpResponse) -> str:
    """Return what a page carries, "" for nothing."""
    found = re.search(r'name="carried" value="([^"]+)"', page.text)
    return html.unescape(found[1]) if found else ""


def sign_in_with(client: Client, page: HttpResponse, user: User, password: str = "") -> HttpResponse:
    """Fill in the sign-in page that was shown."""
    fields = {"username": user.username, "password": password or f"{user.username}-password"}
    hidden = {"carried": carried_in(page), "csrfmiddlewaretoken": token_of(page.text)}
    found = re.search(r'name="next" value="([^"]+)"', page.text)
    return client.post("/admin/login/", fields | hidden | {"next": found[1] if found else ""}, headers=OUR_ORIGIN)


def end_session(client: Client) -> None:
    """End the session, as three idle hours, a colleague or "lock everywhere" do."""
    Session.objects.all().delete()


def test_signed_out_meanwhile_the_text_comes_back_after_sign_in_and_unlocking(
    client: Client, enquiry: Enquiry, officer: User, phrase: str
) -> None:
    page, before = typed(client, enquiry), enquiry.version
    end_session(client)
    answer = save(client, page)
    assert answer.status_code == 403
    assert "What you typed is not lost." in answer.text
    assert TYPED not in answer.text
    assert "zzmark" not in carried_in(answer)
    assert not Draft.objects.exists()
    assert not Session.objects.exists()  # nothing in an anonymous session
    wrong = sign_in_with(client, answer, officer, "not the password")
    assert carried_in(wrong) == carried_in(answer)
    signed_in = sign_in_with(client, wrong, officer)
    assert (signed_in.status_code, signed_in["Location"]) == (302, at(enquiry))
    locked = client.get(at(enquiry)).text
    assert TYPED not in locked
    assert "did not save is kept" in locked
    unlock(client, phrase)
    again = opened(client, at(enquiry))
    assert again.fields["text"] == [TYPED]
    enquiry.refresh_from_db()
    assert enquiry.version == before  # nothing was done by itself


def test_signed_in_again_in_another_tab(client: Client, enquiry: Enquiry, officer: User, phrase: str) -> None:
    page = typed(client, enquiry)
    end_session(client)
    sign_in_with(client, client.get("/admin/login/"), officer)  # the other tab
    answer = save(client, page)
    assert answer.status_code == 403
    assert "What you typed is not lost." in answer.text
    assert TYPED not in answer.text
    assert not Draft.objects.exists()
    fields = {"carried": carried_in(answer), "csrfmiddlewaretoken": token_of(answer.text)}
    on = client.post("/admin/draft/carried/", fields)
    assert (on.status_code, on["Location"]) == (302, at(enquiry))
    unlock(client, phrase)
    assert opened(client, at(enquiry)).fields["text"] == [TYPED]


def test_another_tab_has_signed_in_before_the_page_that_carries_it(
    client: Client, enquiry: Enquiry, officer: User
) -> None:
    page = typed(client, enquiry)
    end_session(client)
    first = save(client, page)
    sign_in_with(client, client.get("/admin/login/"), officer)  # the other tab
    answer = sign_in_with(client, first, officer)
    assert (answer.status_code, carried_in(answer)) == (403, carried_in(first))
    fields = {"carried": carried_in(answer), "csrfmiddlewaretoken": token_of(answer.text)}
    assert client.post("/admin/draft/carried/", fields)["Location"] == at(enquiry)
    assert Draft.objects.get().author == officer


def test_too_many_wrong_passwords_lose_nothing(client: Client, enquiry: Enquiry, officer: User) -> None:
    page = typed(client, enquiry)
    end_session(client)
    first = answer = save(client, page)
    for _ in range(6):
        answer = sign_in_with(client, answer, officer, "not the password")
    assert answer.status_code == 429
    assert carried_in(answer) == carried_in(first)


def test_the_browser_was_closed_meanwhile_and_brought_the_tab_back(
    client: Client, enquiry: Enquiry, officer: User
) -> None:
    page = typed(client, enquiry)
    client.cookies.clear()
    answer = save(client, page)
    assert "Sign in to the desk" in answer.text
    assert sign_in_with(client, answer, officer)["Location"] == at(enquiry)
    assert Draft.objects.get().author == officer


def test_the_script_keeps_on_keeping_though_another_tab_has_signed_in(
    client: Client, enquiry: Enquiry, officer: User
) -> None:
    page = typed(client, enquiry)
    end_session(client)
    sign_in_with(client, client.get("/admin/login/"), officer)
    assert page.keep(client) == 204
    assert Draft.objects.get().author == officer


def test_for_another_member_it_is_dropped(client: Client, enquiry: Enquiry, officer: User, lead: User) -> None:
    make_keyholder(lead)
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page)
    signed_in = sign_in_with(client, answer, lead)
    assert signed_in.status_code == 302
    assert "It was dropped." in client.get("/admin/").text
    assert not Draft.objects.exists()
    assert sign_in_with(Client(headers=OUR_ORIGIN), answer, officer).status_code == 302  # the control
    assert Draft.objects.get().author == officer


def test_another_member_cannot_play_it_again_at_the_other_address(client: Client, enquiry: Enquiry, lead: User) -> None:
    make_keyholder(lead)
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page)
    other = sign_in(lead)
    other.post("/admin/draft/carried/", {"carried": carried_in(answer)})
    assert not Draft.objects.exists()


def change(answer: str, at: int) -> str:
    return answer[:at] + ("A" if answer[at] != "A" else "B") + answer[at + 1 :]


def test_what_was_altered_or_is_too_old_is_not_taken(
    client: Client, enquiry: Enquiry, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = typed(client, enquiry)
    end_session(client)
    answer = carried_in(save(client, page))
    browser = sign_in(officer)
    for token in (change(answer, 40), change(answer, len(answer) // 2), change(answer, len(answer) - 2), "x", ""):
        assert browser.post("/admin/draft/carried/", {"carried": token})["Location"] == "/admin/"
    with monkeypatch.context() as later:
        import time

        now = time.time()
        later.setattr(time, "time", lambda: now + 15 * 24 * 3600)
        assert sign_in(officer).post("/admin/draft/carried/", {"carried": answer})["Location"] == "/admin/"
    assert not Draft.objects.exists()
    browser.post("/admin/draft/carried/", {"carried": answer})
    assert Draft.objects.exists()  # the control


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://testserver.evil.example", ""])
def test_what_another_site_sends_is_not_carried(client: Client, enquiry: Enquiry, origin: str) -> None:
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page, headers={"origin": origin})
    assert carried_in(answer) == ""
    assert carried_in(save(client, page, headers=OUR_ORIGIN))  # the control


def test_what_names_no_page_of_ours_is_not_carried(client: Client, enquiry: Enquiry) -> None:
    page = typed(client, enquiry)
    end_session(client)
    for token in ("", "forged", page.fields["draft"][0][:-1]):
        assert carried_in(save(client, page, fields={"draft": token})) == ""


def test_too_much_is_not_carried_and_nothing_typed_neither(client: Client, enquiry: Enquiry) -> None:
    page, empty = typed(client, enquiry, "x" * drafts.ROOM), opened(client, at(enquiry))
    most = typed(client, enquiry, "x" * (drafts.ROOM - 5000))
    end_session(client)
    assert carried_in(save(client, page)) == carried_in(save(client, empty)) == ""
    assert len(carried_in(save(client, most))) < 2 * drafts.ROOM


def test_no_file_and_no_word_that_opens_something_is_carried(
    client: Client, enquiry: Enquiry, officer: User, phrase: str
) -> None:
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page, fields={"phrase": phrase, "password": "zzmark-password"})
    sign_in_with(client, answer, officer)
    unlock(client, phrase)
    keys_seen = opened(client, at(enquiry)).fields
    assert keys_seen["text"] == [TYPED]
    assert phrase not in str(keys_seen)
    assert "zzmark-password" not in str(keys_seen)


def test_a_member_who_lost_their_key_or_knows_somebody_gets_nothing_back(
    client: Client, enquiry: Enquiry, officer: User, send: Send, lead: User
) -> None:
    make_keyholder(lead)
    tip = send()
    form = opened(client, f"/admin/reports/tip/{tip.pk}/recuse/")
    form.fields["reason"] = [TYPED]
    end_session(client)
    answer = client.post(form.address, form.fields, headers=OUR_ORIGIN)
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    sign_in_with(client, answer, officer)
    assert not Draft.objects.exists()
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page)
    Member.objects.filter(user=officer).update(granted=None)
    sign_in_with(client, answer, officer)
    assert not Draft.objects.exists()
    assert carried_in(save(client, page)) == ""


def test_who_typed_without_a_key_is_not_carried(lead: User, enquiry: Enquiry) -> None:
    client = Client(enforce_csrf_checks=True, headers=OUR_ORIGIN)
    client.cookies = sign_in(lead).cookies
    page = typed(client, enquiry)
    end_session(client)
    assert carried_in(save(client, page)) == ""


def test_the_second_factor_comes_before_it_is_taken(
    client: Client, enquiry: Enquiry, officer: User, settings: Any
) -> None:
    settings.DEMO = False
    page = typed(client, enquiry)
    end_session(client)
    answer = save(client, page)
    again = sign_in_with(client, answer, officer)
    assert again.status_code == 200
    assert carried_in(again) == carried_in(answer)
    assert not Draft.objects.exists()
