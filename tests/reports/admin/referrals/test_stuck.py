"""The first screen, the list of referrals and the tip's page name what nobody has finished; closing says what to do."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.referrals import police_referrals
from reports.models import Referral, Status, Tip
from tests.reports import handing, telling
from tests.reports.admin.conftest import said, sign_in, unlock_with
from tests.reports.admin.queue.test_bulk import QUEUE, form
from tests.reports.admin.tip_page import address, press
from tests.reports.handing import approve, approved, keyholder, make_ready

LIST = "/admin/reports/referral/"


@pytest.fixture
def tip(caseworker, keys):
    tip = telling.tell("A grey van comes every night.", police="yes")
    make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def second(team_lead):
    return keyholder(team_lead)


@pytest.fixture
def referral(tip, caseworker, second, keys):
    return approved(tip, by=caseworker, second=second, keys=keys)


def plain(text):
    return " ".join(re.sub("<[^>]+>", " ", text).split())


def test_three_pages_name_it_from_the_next_day_locked_too(referral, tip, caseworker, time_machine):
    client = sign_in(caseworker)
    assert "nobody has finished" not in client.get("/admin/").text
    assert "not exported" not in plain(client.get(address(tip)).text)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    client = sign_in(caseworker)
    words = "approved 2 days ago, not exported"
    assert f"Police referrals that nobody has finished {referral.reference} {words}" in plain(
        client.get("/admin/").text
    )
    assert f"Police referral {words}" in plain(client.get(address(tip)).text)
    assert words in plain(client.get(LIST).text)
    assert client.get("/admin/").context["stuck"][0].referral == referral


def test_who_may_not_see_referrals_is_told_of_none(referral, caseworker, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=2))
    assert "nobody has finished" in sign_in(caseworker).get("/admin/").text
    caseworker.groups.clear()
    assert (
        "nobody has finished" not in sign_in(User.objects.get(pk=caseworker.pk)).get("/admin/").text
    )


def test_the_list_begins_with_the_oldest_that_somebody_must_finish(
    *, unlocked, referral, caseworker, second, keys
):
    made = []
    for days, status in ((9, "withdrawn"), (5, "exported"), (7, "drafted"), (8, "confirmed")):
        tip = telling.tell(f"Day {days}.", police="yes")
        make_ready(tip, by=caseworker, keys=keys)
        row = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
        since = timezone.localdate() - timedelta(days=days)
        Referral.objects.filter(pk=row.pk).update(since=since, status=status)
        made.append(row)
    withdrawn, exported, drafted, confirmed = (row.reference for row in made)
    listed = [row.reference for row in unlocked.get(LIST).context["cl"].result_list]
    assert listed == [drafted, exported, referral.reference, confirmed, withdrawn]


def test_closing_is_refused_on_the_page_and_for_many_and_what_was_typed_stays(
    unlocked, referral, tip, send
):
    said_so = f"This tip is in police referral {referral.reference}, which is approved and has not been sent."
    page = press(unlocked, tip, status="no_action", note="Nothing in it.")
    assert said_so in page.text
    assert Tip.objects.get(pk=tip.pk).status == Status.READING
    other = send()
    unlocked.get(QUEUE)  # which opens it
    Tip.objects.filter(pk=other.pk).update(status=Status.READING)
    done = said(unlocked.post(QUEUE, form(tip, other, do="move", choice="no_action"), follow=True))
    assert done[0].startswith("1 tip moved to “No action now”. Refused: 1.")
    assert f"{tip.reference}: {said_so} Export or withdraw that first." in done[0]
    assert Tip.objects.get(pk=tip.pk).status == Status.READING


@pytest.mark.parametrize("how", ["page", "many"])
def test_with_a_danger_closing_warns(*, referral, tip, caseworker, second, keys, how):
    police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)
    client = sign_in(caseworker)
    unlock_with(client, keys)
    assert "chip-urgent" in client.get(address(tip)).text
    if how == "page":
        text = press(client, tip, status="no_action").text
    else:
        text = client.post(QUEUE, form(tip, do="move", choice="no_action"), follow=True).text
    assert (
        f"{tip.reference} is in {referral.reference}, which is about a danger and has not been sent."
        in text
    )
    assert Tip.objects.get(pk=tip.pk).status == Status.NO_ACTION


def test_an_export_takes_it_off_the_three_pages(
    *,
    unlocked,
    referral,
    tip,
    caseworker,
    keys,
    time_machine,
):
    handing.export(referral, by=caseworker, keys=keys)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    client = sign_in(caseworker)
    assert "nobody has finished" not in client.get("/admin/").text
    assert "not confirmed" not in plain(client.get(address(tip)).text)
    assert "exported 2 days ago, not confirmed" in plain(client.get(LIST).text)
