import re

import pytest

from reports.domain import enquiries, triage
from reports.domain.tips import recusal
from reports.models import Enquiry
from tests.factories import make_keyholder
from tests.newsroom.articles import make_article

LIST, BEGIN = "/admin/reports/enquiry/", "/admin/reports/enquiry/begin/"
TEXT = "The grey hatchback, Thursdays, and whoever fills its boot."


@pytest.fixture
def enquiry(phrase, officer):
    """Return an enquiry that the officer began."""
    return enquiries.begin(by=officer, codename="quiet lantern", summary=TEXT)


@pytest.fixture
def tip(send, officer):
    """Return a tip that is being read."""
    found = send()
    triage.move(tip=found, to="reading", by=officer)
    return found


def at(enquiry: Enquiry, act: str = "change") -> str:
    return f"{LIST}{enquiry.pk}/{act}/"


def test_begin_offers_a_codename_and_leads_to_the_page(unlocked, phrase):
    page = unlocked.get(BEGIN).text
    assert re.search(r'name="codename" value="[a-z]+-[a-z-]+"', page)
    page = unlocked.post(BEGIN, {"codename": "QZ99", "text": TEXT}).text
    assert "it must say nothing" in page
    assert "Error: Begin an enquiry" in page
    response = unlocked.post(BEGIN, {"codename": "quiet lantern", "text": TEXT}, follow=True)
    assert response.redirect_chain == [(at(Enquiry.objects.get()), 302)]


def test_acts_go_through_on_a_locked_desk(signed_in, enquiry, tip, lead):
    for act, form, said in (
        ("rename", {"codename": "loud drum"}, "The codename is “loud drum” now."),
        ("link", {"tip": f" {tip.reference.lower()} "}, f"{tip.reference}: now part of “loud drum”."),
        ("unlink", {"out-tip": tip.reference}, f"{tip.reference}: no longer part of “loud drum”."),
        ("join", {"member": lead.pk}, "On it now: lena."),
        ("leave", {"out-member": lead.pk}, "No longer on it: lena."),
        ("move", {"to": "paused"}, "“loud drum” is now: Paused."),
    ):
        assert said in signed_in.post(at(enquiry, act), form, follow=True).text, act
    stored = Enquiry.objects.get()
    assert (stored.codename, stored.status, stored.version) == ("loud drum", "paused", 1)


def test_recused_member_sees_no_trace_of_the_tip_in_an_enquiry(unlocked, enquiry, tip, officer, lead):
    make_keyholder(lead)
    enquiries.link(tip=tip, enquiry=enquiry, by=lead)
    assert tip.reference in unlocked.get(at(enquiry)).text
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    for url in (LIST, at(enquiry)):
        page = unlocked.get(url).text
        assert tip.reference not in page
        assert TEXT not in page
    assert 'class="field-tips">0 tips<' in unlocked.get(LIST).text
    assert "0 tips</li>" in unlocked.get(at(enquiry)).text
    refused = unlocked.post(at(enquiry, "unlink"), {"tip": tip.reference}).text
    assert "There is no tip with this reference" in refused
    page = unlocked.post(at(enquiry, "summarise"), {"text": "Mine.", "seen": "1"}).text
    assert "This summary is hidden from you" in page


def test_published_story_is_named_as_the_one_that_tells_it(signed_in, enquiry):
    story = make_article("sentenced")
    page = signed_in.get(at(enquiry)).text
    assert "No story tells it yet." in page
    page = signed_in.post(at(enquiry, "tell"), {"article": story.pk}, follow=True).text
    assert '<a href="/news/sentenced/">Headline of sentenced</a>' in page
    assert "tells its outcome" in page
    for act, name in (("tell", "article"), ("untell", "out-article")):
        for nothing in ("", "x", "9" * 30):
            page = signed_in.post(at(enquiry, act), {name: nothing}).text
            assert "Choose a story." in page.split("Stories that tell of it")[1]
    page = signed_in.post(at(enquiry, "untell"), {"out-article": story.pk}, follow=True).text
    assert "No story tells it yet." in page
