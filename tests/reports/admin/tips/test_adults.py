"""An adult who cannot protect themselves, as members see it: a ground, whom to call, and who was told."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import state_files
from reports.domain.referrals import police_referrals
from reports.domain.tips.metadata import monday
from reports.models import AuditEvent, Tip, UrgentCall
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import make_ready, newest_keys

ADULT = "An adult who cannot protect themselves may be in danger"
LINE = "About an adult who cannot protect themselves? Tell"
DANGER = "He takes an old man’s money and hits him."


@pytest.fixture
def protected(settings):
    """Let the danger to an adult be a ground from this week on."""
    settings.PLACE = replace(settings.PLACE, adults_from=monday(timezone.localdate()))
    state_files.save_profile(replace(state_files.profile(), safeguarding_adults="Ann, extension 9"))


def text_of(client, tip, **query):
    """Return a tip's page on one line, without its markup."""
    return " ".join(re.sub("<[^>]+>", " ", client.get(address(tip), query).text).split())


def test_a_tip_from_before_names_no_adult(unlocked, send, protected):
    tip = send(danger="yes", police="no")
    before = monday(timezone.localdate()) - timedelta(weeks=1)
    Tip.objects.update(received=before)
    tip.entries.update(received=before)
    text = text_of(unlocked, tip)
    assert (ADULT in text, LINE in text, "Adult safeguarding" in text) == (False, False, False)
    assert (
        "No. We may tell the police only if a life is at risk or a child may be in danger." in text
    )
    typed = {
        "call__to": "adults",
        "call__whom": "Duty worker",
        "call__ground": "adult",
        "call__danger": DANGER,
    }
    refused = press(unlocked, tip, "call", **typed)
    assert "part of this came before our pages said that it is" in refused.text
    assert DANGER in refused.text, "nothing typed is lost"
    assert not UrgentCall.objects.exists()


def test_without_a_date_nobody_is_offered_an_adult(unlocked, send):
    text = text_of(unlocked, send(danger="yes", police="no"))
    assert (ADULT in text, LINE in text, "Adult safeguarding" in text) == (False, False, False)


def test_an_adult_has_a_line_and_a_call_of_their_own(unlocked, send, protected):
    tip = send(danger="yes", police="no", under_18=True)
    text = text_of(unlocked, tip)
    assert f"{LINE} Ann, extension 9 now." in text
    assert "or a child or an adult who cannot protect themselves may be in danger." in text
    fields = sent(unlocked.get(address(tip), {"open": "now", "to": "adults"}))
    assert (fields["call-to"], fields["call-ground"]) == (["adults"], ["adult"])
    typed = {
        "call__to": "adults",
        "call__whom": "Duty worker",
        "call__ground": "adult",
        "call__danger": DANGER,
    }
    page = press(unlocked, tip, "call", **typed)
    assert "your call is recorded" in page.text
    lines = {line["to"]: bool(line["told"]) for line in page.context["now"]["lines"]}
    assert lines == {"999": False, "children": False, "adults": True}, (
        "the child is told by a call of its own"
    )
    assert "✓ Adult safeguarding was told by olu" in " ".join(page.text.split())
    assert AuditEvent.objects.filter(act="danger-named", subject=tip.reference).count() == 1
    state_files.save_profile(replace(state_files.profile(), safeguarding_adults=""))
    UrgentCall.objects.all().delete()
    assert f"{LINE} adult social care now: this desk has no contact for that." in text_of(
        unlocked, tip
    )


def test_a_call_that_the_ground_does_not_allow_says_whom_it_allows(unlocked, send, protected):
    typed = {
        "call__to": "children",
        "call__whom": "Duty worker",
        "call__ground": "adult",
        "call__danger": DANGER,
    }
    page = press(unlocked, send(police="no"), "call", **typed)
    assert "lets you call only the police or adult safeguarding" in page.text
    assert DANGER in page.text


def test_a_referral_offers_the_grounds_of_all_its_tips(
    unlocked, send, caseworker, settings, protected
):
    tip = send(police="no")
    make_ready(tip, by=caseworker, keys=newest_keys())
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
    at = f"/admin/reports/referral/{referral.pk}/"
    assert ADULT in unlocked.get(f"{at}change/").text
    page = unlocked.post(f"{at}ground/", {"ground": "adult", "danger": DANGER}, follow=True)
    assert "Saved, and added to the audit log." in page.text
    settings.PLACE = replace(settings.PLACE, adults_from=None)
    page = unlocked.get(f"{at}change/").text
    assert "A danger to an adult is no reason here" in page
    assert 'value="adult"' not in page
    page = unlocked.post(f"{at}ground/", {"ground": "adult", "danger": DANGER}, follow=True).text
    assert page.count("A danger to an adult is no reason here") == 2, "beside the act too"


def test_a_recorded_tip_is_asked_with_the_sentence_of_its_week(signed_in, settings):
    said = []
    for since in (None, monday(timezone.localdate())):
        settings.PLACE = replace(settings.PLACE, adults_from=since)
        page = signed_in.get("/admin/reports/tip/record/").text
        said.append("children’s services or adult social care even after a no" in page)
    assert said == [False, True]
