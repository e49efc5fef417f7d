"""The pages of what became of a referral: recorded after it is gone, asked for, and told to who must know it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.referrals import departure, results
from reports.models import Referral, ReferralResult
from reports.sealing import receipts
from tests.factories import shown
from tests.reports import handing, purging, telling
from tests.reports.admin.conftest import said, sign_in
from tests.reports.admin.tip_page import address
from tests.reports.handing import approved, keyholder, make_ready
from tests.reports.mailboxes import state

LIST = "/admin/reports/referral/results/"
LEADS = "/admin/team-leads/"
WRONG = {"result": "not_borne_out", "wrong": "yes"}


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    tip = telling.tell("A grey van comes every night.", token=token, police="yes")
    make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def row(tip, caseworker, team_lead, keys):
    referral = approved(tip, by=caseworker, second=keyholder(team_lead), keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    receipt = {"reference": "URN 1", "who": "PC Doe"}
    departure.confirm(
        referral=referral, **receipt, by=caseworker, keys=keys, reauthentication=shown(caseworker)
    )
    return ReferralResult.objects.get()


def url(row):
    return f"/admin/reports/referral/{row.pk}/result/"


def plain(text):
    return " ".join(re.sub("<[^>]+>", " ", text).split())


def test_it_is_found_from_the_list_and_recorded_when_the_referral_is_gone(unlocked, row, tip):
    assert (
        url(row)
        in unlocked.get(f"/admin/reports/referral/{Referral.objects.get().pk}/change/").text
    )
    purging.purge(tip=tip)
    assert LIST in unlocked.get("/admin/reports/referral/").text
    assert f"{row.reference} confirmed in the week of" in plain(unlocked.get(LIST).text)
    page = plain(unlocked.get(url(row)).text)
    assert "Sources at most 1" in page
    assert "Weakest letter of the grading C Known indirectly" in page
    done = unlocked.post(url(row), {"result": "in_part"}, follow=True)
    assert said(done) == [f"You have recorded what became of {row.reference}."]
    assert f"Result Borne out in part Heard in {timezone.localdate():%B %Y}" in plain(done.text)
    assert "answered" in plain(unlocked.get(LIST).text)


def test_what_is_missing_is_said_and_what_was_chosen_stays(unlocked, row):
    page = unlocked.post(url(row), {"result": "not_borne_out"})
    assert "Say whether it was the wrong address or the wrong person." in page.text
    assert re.search(r'value="not_borne_out"[^>]* checked', page.text)
    assert "Choose what became of it." in unlocked.post(url(row), {}).text
    assert not ReferralResult.objects.get().answered


def test_a_locked_desk_shows_and_records_nothing(signed_in, row):
    page = signed_in.get(url(row)).text
    assert "What became of it is locked." in page
    assert "at most 1" not in page
    done = signed_in.post(url(row), WRONG, follow=True)
    assert "The desk is locked, so nothing was saved. Unlock it, then choose again." in done.text
    assert not ReferralResult.objects.get().answered


def test_a_row_that_was_exchanged_is_not_shown(unlocked, row):
    ReferralResult.objects.update(sealed=b"x")
    page = unlocked.get(url(row))
    assert (page.status_code, "This cannot be unlocked" in page.text) == (200, True)


def test_wrong_address_or_person_stands_on_the_first_screen_until_read_locked_too(
    unlocked, row, tip, team_lead, keys
):
    purging.purge(tip=tip)
    results.record(row=row, **WRONG, by=team_lead, keys=keys)
    title = '<h2 id="wrong-results-title">Wrong address or person</h2>'
    locked = sign_in(User.objects.get(username="olu"))
    assert title in locked.get("/admin/").text
    locked.get(url(row))
    assert title in unlocked.get("/admin/").text, "a locked page shows no result"
    assert "Wrong address or person yes" in plain(unlocked.get(url(row)).text)
    assert title not in unlocked.get("/admin/").text


def test_the_page_for_team_leads_names_who_has_not_answered(row, team_lead, time_machine):
    assert "Ask the police" not in sign_in(team_lead).get(LEADS).text
    time_machine.move_to(timezone.now() + timedelta(days=60))
    page = plain(sign_in(team_lead).get(LEADS).text)
    assert (
        f"Ask the police what became of these {row.reference} confirmed 60 days ago, no result yet"
        in page
    )


def test_neither_the_tips_page_nor_its_sender_is_told(
    *,
    unlocked,
    client,
    row,
    tip,
    token,
    caseworker,
    keys,
):
    words = {"words": " ".join(receipts.words(token))}
    before = state(client.post("/mailbox/", words))
    results.record(row=row, **WRONG, by=caseworker, keys=keys)
    after = client.post("/mailbox/", words)
    assert state(after) == before != ""
    for page in (plain(unlocked.get(address(tip)).text), after.text):
        for told in ("ot borne out", "rong address", "said became of it", url(row)):
            assert told not in page, told
