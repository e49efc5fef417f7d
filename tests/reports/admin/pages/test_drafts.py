"""Drafts on pages: what was typed and not saved is back in its box, whatever else was saved in between."""

import re

import pytest
from django.core import signing

from reports.domain import drafts, enquiries
from reports.domain.audit import staleness
from reports.domain.triage import triaging
from reports.models import Draft, Enquiry, Label
from tests.factories import make_keyholder
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address
from tests.reports.filled import OUR_ORIGIN, opened

AGAIN, MOVED = "is back in its box", "Something on this page has changed since you began to type."


@pytest.fixture
def enquiry(passphrase, caseworker):
    """Return an enquiry with a summary."""
    return enquiries.begin(by=caseworker, codename="quiet lantern", summary="Before.")


@pytest.fixture
def page(enquiry, unlocked):
    """Return its page as the caseworker has it open."""
    return opened(unlocked, f"/admin/reports/enquiry/{enquiry.pk}/change/")


def keep(client, page, text):
    """Type a summary, and keep it as the page's script does."""
    page.fields["text"] = [text]
    assert page.keep(client) == 204


def test_what_was_changed_is_kept_and_nothing_else(unlocked, page, caseworker, keys):
    page.fields |= {"passphrase": ["six words"], "password": ["x"]}
    keep(unlocked, page, "Before.")
    assert not Draft.objects.exists()
    keep(unlocked, page, "Before\r\nand after")
    (draft,) = drafts.offered(
        by=caseworker, target=f"enquiry:{Enquiry.objects.get().pk}", keys=keys
    )
    assert draft.typed == {"text": ["Before\r\nand after"]}
    again = opened(unlocked, page.address)
    assert again.fields["text"] == ["Before\r\nand after"]
    again.keep(unlocked)
    assert Draft.objects.count() == 1, "it is still there, and once"
    keep(unlocked, again, "Before.")
    assert not Draft.objects.exists(), "who takes it back keeps nothing"


def test_what_was_emptied_or_unticked_comes_back_so(unlocked, page, caseworker, send):
    keep(unlocked, page, "")
    assert opened(unlocked, page.address).fields["text"] == [""]
    triaging.label(
        tip=(tip := send()), label=(label := Label.objects.create(name="market")), by=caseworker
    )
    form = opened(unlocked, address(tip))
    del form.fields[f"save-label-{label.pk}"]
    assert form.keep(unlocked) == 204
    assert f"save-label-{label.pk}" not in opened(unlocked, address(tip)).fields


def test_the_notice_leads_to_what_was_typed(unlocked, page):
    keep(unlocked, page, "Half a sentence")
    again = unlocked.get(page.address).text
    (box,) = re.findall('<a href="#([^"]+)">Go to what you typed</a>', again)
    assert f' id="{box}"' in again.partition("Half a sentence")[0].rpartition("<textarea")[2]


def test_a_newer_version_is_told_and_noticed_when_saving(unlocked, page, enquiry, team_lead):
    seen = page.fields["seen"]
    keep(unlocked, page, "Mine.")
    assert MOVED not in unlocked.get(page.address).text
    enquiries.summarise(enquiry=enquiry, text="A colleague's.", seen=staleness.now(), by=team_lead)
    assert MOVED in unlocked.get(page.address).text
    again = opened(unlocked, page.address)
    assert (again.fields["text"], again.fields["seen"]) == (["Mine."], seen), (
        "so that it overwrites nothing"
    )


def test_what_was_saved_elsewhere_meanwhile_is_not_offered_again(
    unlocked, page, enquiry, caseworker
):
    keep(unlocked, page, "Mine.")
    enquiries.summarise(enquiry=enquiry, text="Mine.", seen=staleness.now(), by=caseworker)
    assert AGAIN not in unlocked.get(page.address).text
    opened(unlocked, page.address).keep(unlocked)
    assert not Draft.objects.exists()


def test_a_colleague_is_told_who_has_unsaved_text_and_none_of_it(unlocked, team_lead, let_in, send):
    tip, colleague, says = send(), let_in(team_lead), "olu has unsaved text here."
    page = opened(unlocked, address(tip))
    page.fields["save-note"] = ["zzmark"]
    assert says not in colleague.get(address(tip)).text
    assert page.keep(unlocked) == 204
    theirs = colleague.get(address(tip)).text
    assert says in theirs
    assert "zzmark" not in theirs
    assert says not in unlocked.get(address(tip)).text
    Draft.objects.update(target="call")
    assert says not in colleague.get("/admin/reports/tip/target/").text, (
        "a new tip is nobody else's"
    )


def test_a_page_of_somebody_else_or_from_elsewhere_keeps_nothing(
    unlocked, page, caseworker, team_lead
):
    make_keyholder(team_lead)
    page.fields["text"] = ["planted"]
    foreign = {"origin": "https://elsewhere.example"}
    assert (
        sign_in(caseworker).post("/admin/draft/", page.fields, headers=foreign).status_code == 400
    )
    for token in (page.fields["draft"], "", signing.dumps(["x"], salt="another")):
        posted = page.fields | {"draft": token}
        assert (
            sign_in(team_lead).post("/admin/draft/", posted, headers=OUR_ORIGIN).status_code == 400
        )
    assert not Draft.objects.exists()
