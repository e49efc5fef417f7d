"""What is hidden from a member stays hidden: the desk answers them as if that tip did not exist."""

import re

import pytest
from django.contrib.auth.models import User

from reports.admin.queue import tip_admin
from reports.domain import enquiries
from reports.domain.tips import opening, recusal
from reports.domain.triage import triaging
from reports.models import Enquiry, Label, Tip, TipQuerySet
from tests.reports.admin.conftest import sign_in, unlock_with
from tests.reports.handing import newest_keys
from tests.site.addresses import Ask, of_the_desk
from tests.site.desk import WORDS, send
from tests.site.walk import walk

REFERENCE = "HHHH-HHHH"
# What differs between two answers to one request: tokens, times, what is chosen by chance, and numbers of events.
TOKENS = re.compile(
    rb'name="(csrfmiddlewaretoken|([a-z]+-([0-9a-f-]{36}-)?)?seen|token|draft|codename|(signed_)?page)" value="[^"]*"'
    rb'|datetime=\\?"[^"]*"|\d\d:\d\d(:\d\d)?|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}'
    rb'|<span class="ref mark">[^<]*|\d+ entries\.|/(news|topics)/[0-9a-f]{16}/|just now|\d+\xc2\xa0minutes? ago'
)
WAITING = (
    "urgent",
    "unsure",
    "unread",
    "answers",
    "undecided",
    "at_end",
    "unread&member=(mine)",
    "all&member=(nobody)",
)
LISTS = ("index", "dashboard", "next", "search", "reports_tip_changelist", "reports_tip_related")


def hide(desk):
    """Let a tip come that says the same, is in the enquiry, and has a label and an answer; hide it from the boss."""
    pk = send(WORDS, danger="yes").pk
    Tip.objects.filter(pk=pk).update(reference=REFERENCE, answered=True)
    opening.open_new(by=desk.team_lead, keys=desk.keys)
    tip = Tip.objects.get(pk=pk)
    triaging.assign(tip=tip, to=desk.boss, by=desk.team_lead)
    enquiries.link(tip=tip, enquiry=Enquiry.objects.get(), by=desk.team_lead)
    triaging.label(tip=tip, label=Label.objects.all()[0], by=desk.team_lead)
    recusal.recuse(
        tip=tip, by=User.objects.get(pk=desk.boss.pk), reason="zzcousin.", keys=newest_keys()
    )


def requests(desk, under):
    """Yield what is asked of the desk's addresses, and by what else somebody could ask for the hidden tip."""
    yield from of_the_desk(desk.samples, under=under)
    queries = (
        f"same={REFERENCE}",
        *(f"waiting={what}" for what in WAITING),
        "order=newest",
        "order=kind",
    )
    yield from (Ask("", "GET", f"/admin/reports/tip/?{query}") for query in queries)
    yield from (Ask("", "GET", f"/admin/reports/enquiry/?links={row}") for row in range(4))
    yield from (
        Ask("", "GET", f"/admin/reports/tip/?enquiry={row.pk}") for row in Enquiry.objects.all()
    )
    yield Ask("", "GET", f"/admin/reports/auditevent/?q={REFERENCE}")


def answered(client, desk, under):
    """Return the answer to each of these requests, without what differs each time."""
    typed = {
        "other": REFERENCE,
        "_selected_action": [str(desk.tip.pk)],
        "words": "zzvan",
    }
    answers = walk(
        client,
        requests(desk, under),
        typed=typed | {"action": "move_to_end", "to": "reading", "next": ""},
    )
    said = {
        f"{one.method} {one.url}": b"%d %s " % (one.status, one.location.encode()) + one.body
        for one in answers
    }
    return {request: TOKENS.sub(b"", answer) for request, answer in said.items()}


def differing(desk, *under):
    """Return which requests are answered in another way once there is a tip hidden from whoever asks."""
    client = sign_in(desk.boss)
    unlock_with(client, desk.keys)
    opening.open_new(by=desk.boss, keys=desk.keys)  # nothing else is new when the hidden tip comes
    before = answered(client, desk, under)
    hide(desk)
    after = answered(client, desk, under)
    return [request for request, answer in before.items() if after[request] != answer]


@pytest.mark.promise("team", control="test_a_list_that_shows_what_is_hidden_is_found")
def test_the_desk_answers_as_if_the_hidden_tip_did_not_exist(desk, whole):
    """At every address, anyone who knows someone in a tip is answered as if it did not exist."""
    # An enquiry hides its summary, which may speak of the tip, and says so. The audit log has that something was
    # opened, and not what.
    own = (f"/admin/reports/enquiry/{Enquiry.objects.get().pk}/", "/admin/reports/auditevent/")
    found = differing(desk, *([""] if whole else LISTS))
    assert [request for request in found if not request.split()[1].startswith(own)] == []


@pytest.mark.whole
def test_a_list_that_shows_what_is_hidden_is_found(desk, monkeypatch):
    monkeypatch.setattr(TipQuerySet, "visible_to", lambda tips, user: tips)
    monkeypatch.setattr(tip_admin, "shown_to", lambda user: Tip.objects.all())
    found = differing(desk, "reports_tip_changelist")
    assert {"GET /admin/reports/tip/", f"GET /admin/reports/tip/?same={REFERENCE}"} <= set(found)
