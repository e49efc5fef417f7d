"""What is hidden from a member stays hidden: the desk answers them as if that tip did not exist."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from reports.admin import roles
from reports.domain import enquiries, triage
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening, recusal
from reports.domain.triage import labels
from reports.models import Enquiry, Label, Member, Tip, TipQuerySet
from tests.factories import CHEAP
from tests.reports.admin.conftest import sign_in, undone, unlock_with
from tests.reports.admin.test_roles import Samples, where

pytestmark = pytest.mark.long

SAME = "A zzsame van calls at the garages every night at nine, AB12 CDE."
REFERENCE = "HHHH-HHHH"
# What differs between two answers to one request: tokens, times, what is chosen by chance, and numbers of events.
TOKENS = re.compile(
    rb'name="(csrfmiddlewaretoken|(save-)?as_of|token|draft|codename)" value="[^"]*"|datetime="[^"]*"'
    rb'|\d\d:\d\d(:\d\d)?|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|<span class="ref mark">[^<]*|\d+ events\.'
)
WAITING = ("urgent", "unread", "answers", "mine", "nobody", "aside")


@pytest.fixture
def member(officer: User) -> User:
    """Return a member who may do everything at the desk."""
    officer.groups.set(Group.objects.filter(name="Lead"))
    return User.objects.get(pk=officer.pk)


@pytest.fixture
def visible(member: User, lead: User, keys: Keys, send: Any) -> Tip:
    """Return a tip of a desk with an enquiry, which says what the hidden one will say."""
    keyholders.enrol(user=lead, costs=CHEAP)
    Member.objects.filter(user=lead).update(granted=timezone.localdate())
    labels.begin_with_the_usual(by=lead)
    tip, linked, other = send(SAME), send("In the enquiry, AB12 CDE."), send("Something else.")
    opening.open_new(by=lead, keys=keys)
    enquiry = enquiries.begin(by=lead, codename="lamp")
    enquiries.link(tip=linked, enquiry=enquiry, by=lead)
    triage.label(tip=other, label=Label.objects.all()[0], by=lead)
    return Tip.objects.get(pk=tip.pk)


def hide(member: User, lead: User, keys: Keys, send: Any) -> None:
    """Let a tip come that says the same, is in the enquiry, and has a label and an answer; hide it from the member."""
    tip = send(SAME, danger="yes")
    Tip.objects.filter(pk=tip.pk).update(reference=REFERENCE, answered=True)
    opening.open_new(by=lead, keys=keys)
    tip = Tip.objects.get(pk=tip.pk)
    triage.assign(tip=tip, to=member, by=lead)
    enquiries.link(tip=tip, enquiry=Enquiry.objects.get(), by=lead)
    triage.label(tip=tip, label=Label.objects.all()[0], by=lead)
    recusal.recuse(tip=tip, by=member, reason="My cousin.")


def samples(tip: Tip, member: User) -> Samples:
    """Return a real object for each kind of address."""
    entry = tip.entries.get()
    found: Samples = {"tip": tip.pk, "entry": entry.pk, "user": member.pk, "enquiry": Enquiry.objects.get().pk}
    for model in admin.site._registry:
        row = tip if model is Tip else model._default_manager.order_by("pk").first()
        found[f"{model._meta.app_label}/{model._meta.model_name}/"] = row.pk if row else 0
    return found


def requests(tip: Tip, member: User) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each address of the desk with its methods, and those by which somebody could ask for the hidden tip."""
    known = samples(tip, member)
    typed = {"other": REFERENCE, "tip": [str(tip.pk)], "words": "zzsame", "do": "label", "to": "reading", "next": ""}
    for address in roles.addresses():
        for method in roles.BOTH:
            yield method, where(address, known), typed if method == "POST" else {}
    for query in (f"same={REFERENCE}", *(f"waiting={what}" for what in WAITING), "order=oldest"):
        yield "GET", f"/admin/reports/tip/?{query}", {}
    for row in range(4):
        yield "GET", f"/admin/reports/enquiry/?links={row}", {}
    yield "GET", f"/admin/reports/auditevent/?subject={REFERENCE}", {}


def answers(client: Client, tip: Tip, member: User) -> dict[str, bytes]:
    """Return the answer to each of these requests, without what differs each time; whatever they do is undone."""
    client.raise_request_exception = False
    found = {}
    for method, url, typed in requests(tip, member):
        with undone(client):
            response = client.get(url) if method == "GET" else client.post(url, typed)
            said = b"%d %s " % (response.status_code, response.get("Location", "").encode()) + response.content
        found[f"{method} {url}"] = TOKENS.sub(b"", said)
    return found


@pytest.fixture
def differing(visible: Tip, member: User, lead: User, keys: Keys, send: Any) -> Callable[[], list[str]]:
    """Return what yields the requests that are answered in another way once there is a tip hidden from the member."""
    client = sign_in(member)
    unlock_with(client, keys)

    def found() -> list[str]:
        before = answers(client, visible, member)
        hide(member, lead, keys, send)
        after = answers(client, visible, member)
        return [request for request, answer in before.items() if after[request] != answer]

    return found


def test_the_desk_answers_as_if_the_hidden_tip_did_not_exist(differing: Callable[[], list[str]]) -> None:
    # An enquiry hides its summary, which may speak of the tip, and says so. The audit log has that something was
    # opened, and not what. The figures are counted once an hour and are the same for everybody.
    own = (f"/admin/reports/enquiry/{Enquiry.objects.get().pk}/", "/admin/reports/auditevent/", "/admin/dashboard/")
    assert [request for request in differing() if not request.split()[1].startswith(own)] == []


def test_a_list_that_shows_what_is_hidden_is_found(
    differing: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TipQuerySet, "visible_to", lambda tips, user: tips)
    assert {"GET /admin/reports/tip/", f"GET /admin/reports/tip/?same={REFERENCE}"} <= set(differing())
