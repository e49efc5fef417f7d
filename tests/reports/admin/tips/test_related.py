import re

import pytest

from reports.domain import enquiries
from reports.domain.search import matching
from reports.domain.tips import opening
from reports.domain.triage import relations
from reports.models import AuditEvent, Draft, Link, Relation
from tests.factories import make_keyholder
from tests.reports.admin.tip_page import address
from tests.reports.filled import opened
from tests.reports.handing import newest_keys
from tests.reports.markup import Page, assert_wired

WHY = "One is a teacher, the other a neighbour."


@pytest.fixture
def pair(send, caseworker, keys):
    """Return two tips that name the same car, opened."""
    tips = send("A grey car, AB12 CDE."), send("ab12cde by the school. A secret word.")
    opening.open_new(by=caseworker, keys=keys)
    return tips


def test_related_tips_are_shown_with_their_reasons_after_that_is_recorded(unlocked, pair):
    tip, other = pair
    page = unlocked.get(address(tip, "related")).text
    assert other.reference in page
    assert 'Both mention the number plate <b class="typed">AB12 CDE</b>' in page
    acts = list(AuditEvent.objects.order_by("seq").values_list("act", "subject"))
    assert acts[-2:] == [("glimpsed", tip.reference), ("glimpsed", other.reference)]
    assert "<mark>ab12cde</mark> by the school. A secret word." in " ".join(page.split()), (
        "as the glimpse allows"
    )
    assert_wired(Page("<main" + page.split("<main")[1].split("</main>")[0] + "</main>"))


def test_member_confirms_with_a_reason_and_the_tips_page_says_so(unlocked, pair):
    tip, other = pair
    form = {
        "other": other.reference,
        "verdict": "related",
        "reason": WHY,
        "next": address(tip, "related"),
    }
    response = unlocked.post(address(tip, "relate"), form, follow=True)
    assert response.redirect_chain == [(address(tip, "related"), 302)]
    assert f"{tip.reference} and {other.reference}: Related: count as one source." in response.text
    assert WHY in response.text
    for one, another in (pair, pair[::-1]):
        page = unlocked.get(address(one)).text
        assert "2 tips, 1 source" in page
        assert address(another) in page
        assert "Related: count as one source (olu)" in page


def test_reasons_beside_the_other_tips_outlive_each_act(unlocked, pair, send):
    (tip, other), third = pair, send("Again AB12 CDE.")
    unlocked.get("/admin/reports/tip/")  # opens it
    form = opened(unlocked, address(tip, "related"))
    form.fields[f"{third.reference}-reason"] = ["Half a thought."]
    button = form.button("/relate/", "dismissed")
    button["name"] = button["name"].replace(third.reference, other.reference)
    form.press(unlocked, button)
    assert Relation.objects.get().verdict == "dismissed"
    assert opened(unlocked, address(tip, "related")).fields[f"{third.reference}-reason"] == [
        "Half a thought."
    ]


def test_a_button_that_is_refused_for_want_of_a_reason_leaves_no_draft(unlocked, pair):
    tip, _other = pair
    for at, button, value in (("related", "/relate/", "independent"), ("change", "/write/", "yes")):
        form = opened(unlocked, address(tip, at))
        assert "<title>Error:" in " ".join(
            form.press(unlocked, form.button(button, value)).text.split()
        )
        assert "What you typed here" not in unlocked.get(address(tip, at)).text
    assert not Draft.objects.exists()
    form.fields["write-text"] = ["Half a question to 07700 900123."]  # the control
    form.press(unlocked, form.button("/write/", "yes"))
    assert Draft.objects.count() == 1


def test_related_tip_is_linked_to_the_enquiry_in_one_step(unlocked, pair, caseworker):
    tip, other = pair
    enquiry = enquiries.begin_with(tip=tip, codename="quiet lantern", by=caseworker)
    page = unlocked.get(address(tip, "related")).text
    assert f"Add {other.reference} to the enquiry “quiet lantern”" in page
    form = {f"{other.reference}-other": other.reference, f"{other.reference}-enquiry": enquiry.pk}
    page = unlocked.post(
        address(tip, "link"), form | {"next": address(tip, "related")}, follow=True
    ).text
    assert f"Link {other.reference} to" not in page
    assert Link.objects.filter(tip=other, enquiry=enquiry).exists()
    assert '<span class="chip chip-enquiry">quiet lantern</span>' in page
    relations.judge(tip=tip, other=other, verdict="related", by=caseworker, keys=newest_keys())
    assert "2 tips, 1 source" in unlocked.get(f"/admin/reports/enquiry/{enquiry.pk}/change/").text


def test_all_matches_can_be_seen_and_a_refusal_stays_on_its_page(unlocked, pair, send, monkeypatch):
    monkeypatch.setattr(matching, "SHOWN", 1)
    tip, _other = pair
    send("Again AB12 CDE.")
    unlocked.get("/admin/reports/tip/")  # opens it
    seen = []
    for query, says in (("", "Matches 1 to 1 of 2"), ("?after=1", "Matches 2 to 2 of 2")):
        page = unlocked.get(address(tip, "related") + query).text
        assert says in page
        seen += re.findall(r'id="match-([^"]+)"', page)
    assert len({*seen}) == 2
    assert "Show more" not in page
    form = {f"{seen[1]}-other": seen[1], f"{seen[1]}-verdict": "independent"}
    refused = unlocked.post(address(tip, "relate") + "?after=1", form).text
    assert f'id="match-{seen[1]}"' in refused
    assert "Write why they are independent" in refused
    assert unlocked.get(address(tip, "related") + "?after=x").status_code == 200


def test_a_colleague_is_led_to_what_is_hidden_unseen_and_asked(
    unlocked, send, team_lead, keys, caseworker
):
    make_keyholder(team_lead)
    tip, other = send("At 22 Ashfield Cres."), send("22 ashfield crescent")
    opening.open_new(by=caseworker, keys=newest_keys())
    matching.recuse(tip=tip, by=team_lead, reason="My cousin.", keys=newest_keys())
    low = min((tip, other), key=lambda end: end.pk)
    first = unlocked.get("/admin/").text
    assert f'href="{address(low, "related")}"' in first
    page = unlocked.get(address(low, "related")).text
    assert "we hide the other from them too" in page
    assert 'value="possible"' not in page
    assert "Related tips <span" not in unlocked.get(address(tip)).text, "nobody has said so"
