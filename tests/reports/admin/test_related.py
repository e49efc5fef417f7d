import re

import pytest
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.keys import keyholders
from reports.domain.tips import opening, recusal
from reports.domain.triage import relations
from reports.models import AuditEvent, Link, Member, Relation, Tip
from tests.conftest import CHEAP
from tests.reports.markup import Page, assert_wired

WHY = "One is a teacher, the other a neighbour."


@pytest.fixture
def pair(send, officer, keys):
    """Return two tips that name the same car, opened."""
    tips = send("A grey car, AB12 CDE."), send("ab12cde by the school. A secret word.")
    opening.open_new(by=officer, keys=keys)
    return tips


def at(tip: Tip, act: str = "change") -> str:
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def html(response) -> str:
    return response.content.decode()


def test_related_tips_are_shown_with_their_reasons_after_that_is_recorded(unlocked, pair):
    tip, other = pair
    page = html(unlocked.get(at(tip, "related")))
    assert other.reference in page
    assert 'Both name the number plate <b class="typed">AB12 CDE</b>' in page
    acts = list(AuditEvent.objects.order_by("seq").values_list("act", "subject"))
    assert acts[-2:] == [("glimpsed", tip.reference), ("glimpsed", other.reference)]
    assert_wired(Page("<main" + page.split("<main")[1].split("</main>")[0] + "</main>"))


def test_list_that_ends_at_its_bound_leads_on_and_back(unlocked, pair, send, monkeypatch):
    monkeypatch.setattr("reports.domain.search.matching.SHOWN", 1)
    tip, third = pair[0], send("Again AB12 CDE.")
    unlocked.get("/admin/reports/tip/")  # opens it
    strongest, weakest = sorted((pair[1].reference, third.reference))
    first = html(unlocked.get(at(tip, "related")))
    assert strongest in first
    assert weakest not in first
    assert (
        '1 more tip shares something with this one.</span> <a class="button quiet small" rel="next" href="?after=1">'
        in first
    )
    onward = html(unlocked.get(at(tip, "related"), {"after": 1}))
    assert weakest in onward
    assert strongest not in onward
    assert 'rel="next"' not in onward
    assert f'href="{at(tip, "related")}">To the strongest</a>' in onward
    assert f'name="next" value="{at(tip, "related")}?after=1"' in onward
    assert strongest in html(unlocked.get(at(tip, "related"), {"after": "-1"}))


def test_related_on_a_locked_desk_asks_for_the_words(unlocked, pair):
    unlocked.post("/admin/lock/")
    assert unlocked.get(at(pair[0], "related"))["Location"].startswith("/admin/unlock/?next=")
    assert not AuditEvent.objects.filter(act="glimpsed").exists()


def test_member_confirms_with_a_reason_and_the_tips_page_shows_the_picture(unlocked, pair):
    tip, other = pair
    form = {"other": other.reference, "verdict": "related", "reason": WHY, "next": at(tip, "related")}
    response = unlocked.post(at(tip, "relate"), form, follow=True)
    assert response.redirect_chain == [(at(tip, "related"), 302)]
    assert f"{tip.reference} and {other.reference}: Related: count as one source." in html(response)
    assert WHY in html(response)
    for one, another in (pair, pair[::-1]):
        page = html(unlocked.get(at(one)))
        assert "2 tips, 1 source" in page
        assert re.search(rf'<svg class="chart".*<title.*<desc.*{another.reference}</text>', page, re.DOTALL)
        assert "Related: count as one source (olu)" in page


def test_member_dismisses_and_may_think_again(unlocked, pair):
    tip, other = pair
    unlocked.post(at(tip, "relate"), {"other": other.reference, "verdict": "dismissed"})
    assert Relation.objects.get().verdict == "dismissed"
    assert "Nobody has said that another tip is related." in html(unlocked.get(at(tip)))
    page = html(unlocked.get(at(tip, "related")))
    assert page.index('id="dismissed-title"') < page.index(f'id="match-{other.reference}"')
    unlocked.post(at(tip, "relate"), {"other": other.reference, "verdict": "related"})
    assert Relation.objects.get().verdict == "related"


def test_answer_that_is_refused_keeps_what_was_typed(unlocked, pair):
    tip, other = pair
    form = {"other": other.reference, "verdict": "independent", "reason": " "}
    assert "Write why they are sources of their own" in html(unlocked.post(at(tip, "relate"), form))
    long = "x" * 2001
    page = html(unlocked.post(at(tip, "relate"), form | {"reason": long}))
    assert "this one has 2,001" in page
    assert long in page
    page = html(unlocked.post(at(tip, "relate"), form | {"other": "nonsense"}))
    assert "There is no tip with this reference." in page
    unlocked.post("/admin/lock/")
    unlocked.post(at(tip, "relate"), form | {"reason": WHY})
    assert not Relation.objects.exists()  # a locked desk keeps it as a draft


def test_tip_counts_as_a_source_of_its_own_once_its_reason_is_recorded(unlocked, pair, officer):
    tip, other = pair
    relations.judge(tip=tip, other=other, verdict="related", by=officer)
    page = html(unlocked.post(at(tip, "alone"), {"alone-reason": ""}))
    assert "Write why they are sources of their own" in page
    page = html(unlocked.post(at(tip, "alone"), {"alone-reason": WHY}, follow=True))
    assert f"{tip.reference}: counts as a source of its own now." in page
    assert "2 tips, 2 sources" in page
    assert 'stroke-dasharray="2 6"' in page
    assert "This tip is a source of its own" not in page


def test_related_tip_is_linked_to_the_enquiry_in_one_step(unlocked, pair, officer):
    tip, other = pair
    enquiry = enquiries.begin_with(tip=tip, codename="quiet lantern", by=officer)
    page = html(unlocked.get(at(tip, "related")))
    assert f"Link {other.reference} to the enquiry “quiet lantern”" in page
    form = {f"{other.reference}-other": other.reference, f"{other.reference}-enquiry": enquiry.pk}
    page = html(unlocked.post(at(tip, "link"), form | {"next": at(tip, "related")}, follow=True))
    assert f"Link {other.reference} to" not in page
    assert Link.objects.filter(tip=other, enquiry=enquiry).exists()
    relations.judge(tip=tip, other=other, verdict="related", by=officer)
    assert "2 tips, 1 source" in html(unlocked.get(f"/admin/reports/enquiry/{enquiry.pk}/change/"))


def test_recused_member_sees_no_trace_of_a_related_tip(unlocked, pair, officer, lead):
    tip, other = pair
    keyholders.enrol(user=lead, costs=CHEAP)
    Member.objects.filter(user=lead).update(granted=timezone.localdate())
    assert other.reference in html(unlocked.get(at(tip, "related")))
    recusal.recuse(tip=other, by=officer, reason="My cousin.")
    for page in (html(unlocked.get(at(tip))), html(unlocked.get(at(tip, "related")))):
        assert other.reference not in page
        assert "2 tips" not in page
    page = html(unlocked.post(at(tip, "relate"), {"other": other.reference, "verdict": "dismissed"}))
    assert "There is no tip with this reference." in page


def test_page_of_related_tips_asks_as_many_questions_for_three_as_for_one(
    unlocked, send, officer, keys, django_assert_max_num_queries
):
    tip, counts = send("AB12 CDE."), []
    enquiries.begin_with(tip=tip, codename="quiet lantern", by=officer)
    unlocked.get(at(tip, "related"))  # takes the message that the desk is unlocked
    for more in (["one"], ["two", "three"]):
        for text in more:
            relations.judge(tip=tip, other=send(f"AB12 CDE, {text}."), verdict="related", by=officer)
        opening.open_new(by=officer, keys=keys)
        with django_assert_max_num_queries(80) as asked:
            assert unlocked.get(at(tip, "related")).status_code == 200
        reads = [query for query in asked if "auditevent" not in query["sql"] and "SAVEPOINT" not in query["sql"]]
        counts.append(len(reads))
    assert counts[0] == counts[1]


def test_each_match_shows_how_it_begins_once_its_glimpse_is_on_the_record(unlocked, send):
    tip, other = send("A van, XX51 ABC, comes at nine."), send("Two men get out of XX51 ABC and go in.")
    unlocked.get("/admin/reports/tip/")
    page = unlocked.get(f"/admin/reports/tip/{tip.pk}/related/").content.decode()
    assert "<q>Two men get out of XX51 ABC and go in.</q>" in page
    assert AuditEvent.objects.filter(act="glimpsed", subject=other.reference).exists()
    assert "<summary>Write why, to say that they are sources of their own</summary>" in page
