import re

import pytest

from reports.domain import enquiries, triage
from reports.domain.audit import staleness
from reports.domain.tips import recusal
from reports.models import AuditEvent, Enquiry, Status, Tip
from tests.factories import make_keyholder
from tests.newsroom.articles import make_article
from tests.reports.admin.tip_page import address, press
from tests.reports.markup import Page, assert_wired

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


def test_list_names_each_with_status_tips_week_and_people(signed_in, enquiry, tip, officer):
    enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    page = signed_in.get(LIST).text
    cells = re.findall(r'class="field-(\w+)[^>]*>(?:<a[^>]*>)?([^<]+)', page)
    week = f"{enquiry.week:%b %Y}"
    assert [(name, text) for name, text in cells if name != "when"] == [
        ("codename", "quiet lantern"),
        ("status", "Open"),
        ("tips", "1 tip"),
        ("who", "olu"),
    ]
    assert f"week of {enquiry.week.day} {week}" in page
    assert "No enquiry is like that." in signed_in.get(f"{LIST}?status__exact=closed").text


def test_begin_offers_a_codename_and_leads_to_the_page(unlocked, phrase):
    page = unlocked.get(BEGIN).text
    assert re.search(r'name="codename" value="[a-z]+-[a-z-]+"', page)
    page = unlocked.post(BEGIN, {"codename": "QZ99", "text": TEXT}).text
    assert "it must say nothing" in page
    assert "Error: Begin an enquiry" in page
    response = unlocked.post(BEGIN, {"codename": "quiet lantern", "text": TEXT}, follow=True)
    assert response.redirect_chain == [(at(Enquiry.objects.get()), 302)]


def test_page_unlocked_shows_the_summary_after_its_reading_is_recorded(unlocked, enquiry, tip, officer):
    enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    page = unlocked.get(at(enquiry)).text
    assert TEXT in page
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject) == ("read-summary", enquiry.subject)
    assert f"{tip.reference}</span>: <b>olu</b> linked it to the enquiry “quiet lantern”" in page
    assert_wired(Page(re.sub(r"(?s)^.*?<main", "<main", page).split("</main>")[0] + "</main>"))


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


def test_acts_that_are_refused_keep_what_was_typed(unlocked, enquiry, lead):
    other, written, seen = "Somebody else's view.", "wrote the summary of “quiet lantern” just now.", staleness.now()
    enquiries.summarise(enquiry=enquiry, text="Theirs.", seen=staleness.now(), by=lead)
    for act, form, said, kept in (
        ("summarise", {"text": other, "seen": seen}, written, "else&#x27;s view"),
        ("summarise", {"text": other, "seen": "x"}, written, "else&#x27;s view"),
        ("link", {"tip": "nonsense"}, "There is no tip with this reference", 'value="nonsense"'),
        ("unlink", {"tip": ""}, "There is no tip with this reference", ""),
        ("join", {"member": "x"}, "Choose a colleague.", ""),
        ("leave", {"member": "999"}, "Choose a colleague.", ""),
        ("move", {"to": "open"}, "its status is “", ""),
    ):
        page = unlocked.post(at(enquiry, act), form).text
        assert said in page, act
        assert kept in page, act
    assert f'name="seen" value="{AuditEvent.objects.latest("seq").seq - 1}"' in page, "the page has the newest"
    for act, part in (("link", "tips"), ("join", "people"), ("rename", "standing")):
        assert f'formaction="{at(enquiry, act)}#{part}"' in page, "the page opens where the act was"
        assert f'id="{part}"' in page


def test_tip_is_linked_from_its_page_in_one_step(unlocked, enquiry, tip):
    assert f'<option value="{enquiry.pk}">quiet lantern</option>' in unlocked.get(address(tip)).text
    page = press(unlocked, tip, enquiry=enquiry.pk).text
    assert f"{tip.reference}: now part of “quiet lantern”." in page
    assert f'<option value="{enquiry.pk}">' not in page
    assert Tip.objects.get().status == Status.LINKED
    assert "Choose an enquiry, or type" in press(unlocked, tip, enquiry="x").text
    page = press(unlocked, tip, linked=[]).text
    assert f"{tip.reference}: no longer part of “quiet lantern”." in page
    assert Tip.objects.get().status == Status.READING


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


def test_the_words_of_a_locked_page_go_to_the_lock_alone(signed_in, enquiry):
    page = signed_in.get(at(enquiry)).text
    (form,) = [form for form in re.findall(r"<form\b.*?</form>", page, flags=re.DOTALL) if 'name="phrase"' in form]
    assert 'action="/admin/unlock/"' in form
    assert "formaction" not in form
