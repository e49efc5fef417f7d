import re
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from reports import questions
from reports.domain import enquiries
from reports.domain.audit import audit_log
from reports.domain.outcomes import public_results
from reports.domain.tips import metadata, opening, recusal
from reports.domain.triage import relations, triaging
from reports.models import AuditEvent, Enquiry, Link, Outcome, Tip, UrgentCall
from tests.factories import make_keyholder
from tests.newsroom.articles import make_article
from tests.reports.handing import newest_keys

LIST, BEGIN = "/admin/reports/enquiry/", "/admin/reports/enquiry/begin/"
SENTENCE = "Tips including ones like yours helped lead to the search of twelve homes."
TEXT = "The grey hatchback, Thursdays, and whoever fills its boot."


@pytest.fixture
def enquiry(passphrase, caseworker):
    """Return an enquiry that the caseworker began."""
    return enquiries.begin(by=caseworker, codename="quiet lantern", summary=TEXT)


@pytest.fixture
def tip(send, caseworker):
    """Return a tip that is being read."""
    found = send()
    triaging.move(tip=found, to="reading", by=caseworker)
    return found


def at(enquiry, act="change"):
    return f"{LIST}{enquiry.pk}/{act}/"


def test_begin_is_a_button_of_the_list_and_leads_to_the_page(signed_in, unlock, passphrase):
    assert f'action="{BEGIN}"' in signed_in.get(LIST).text
    assert signed_in.post(BEGIN)["Location"].startswith("/admin/unlock/")
    unlock(signed_in)
    response = signed_in.post(BEGIN, follow=True)
    new = Enquiry.objects.get()
    assert response.redirect_chain == [(at(new), 302)]
    assert f"You have started “{new.codename}”." in response.text
    page = signed_in.post(at(new, "rename"), {"codename": "QZ99"}).text
    assert "it must say nothing" in page
    assert "<title>Error:" in page


def test_acts_go_through_on_a_locked_desk(signed_in, enquiry):
    for act, form, said in (
        ("rename", {"codename": "loud drum"}, "The codename is now “loud drum”."),
        ("move", {"to": "paused"}, "“loud drum” is now: Paused."),
    ):
        assert said in signed_in.post(at(enquiry, act), form, follow=True).text, act
    stored = Enquiry.objects.get()
    assert (stored.codename, stored.status, stored.version) == ("loud drum", "paused", 1)


def test_closing_what_deletes_no_tip_asks_nothing(unlocked, enquiry):
    assert "If you close it, we will not delete any tip" in unlocked.get(at(enquiry)).text
    unlocked.post(at(enquiry, "move"), {"to": "closed"})
    assert Enquiry.objects.get(pk=enquiry.pk).status == "closed"


def test_closing_says_which_tips_it_lets_go_and_from_when_and_asks_once(
    unlocked, enquiry, tip, send, caseworker
):
    kept, elsewhere = send(), send()
    for row in (tip, kept, elsewhere):
        enquiries.link(tip=row, enquiry=enquiry, by=caseworker)
        UrgentCall.objects.create(
            tip=row, author="olu", police=row != kept, key_index=1, sealed=b""
        )
    Tip.objects.update(status="linked", unread=False)
    enquiries.link(tip=elsewhere, enquiry=enquiries.begin(by=caseworker), by=caseworker)
    day = f"{metadata.monday(timezone.localdate()) + timedelta(days=36):%-d %B %Y}"
    says = f"If you close it, we will delete 1 tip on {day}, unless something else keeps it."
    assert says in unlocked.get(at(enquiry)).text
    asked = unlocked.post(at(enquiry, "move"), {"to": "closed"})
    assert "Read what will follow, then press “Closed” again." in asked.text
    assert '<input type="hidden" name="sure" value="on">' in asked.text
    assert "<title>Error:" not in asked.text
    assert "It is not closed yet." in asked.text
    assert Enquiry.objects.get(pk=enquiry.pk).status == "open"
    unlocked.post(at(enquiry, "move"), {"to": "closed", "sure": "on"})
    assert Enquiry.objects.get(pk=enquiry.pk).status == "closed"
    assert set(Tip.objects.filter(status="passed_on")) == {tip}
    assert "If you close it" not in unlocked.get(at(enquiry)).text


@pytest.mark.promise("team")
def test_recused_member_sees_no_trace_of_the_tip_in_an_enquiry(
    unlocked, enquiry, tip, caseworker, team_lead
):
    """Anyone who knows someone in a tip sees no trace of it in an enquiry."""
    make_keyholder(team_lead)
    enquiries.link(tip=tip, enquiry=enquiry, by=team_lead)
    assert tip.reference in unlocked.get(at(enquiry)).text
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    for url in (LIST, at(enquiry)):
        page = unlocked.get(url).text
        assert tip.reference not in page
        assert TEXT not in page
    assert 'class="field-tips">0 tips<' in unlocked.get(LIST).text
    assert "0 tips</li>" in unlocked.get(at(enquiry)).text
    page = unlocked.post(at(enquiry, "summarise"), {"text": "Mine.", "seen": "1"}).text
    assert "This summary is hidden from you" in page


def test_who_proposes_a_result_is_told_at_once_that_too_few_tips_are_part(
    unlocked, enquiry, send, caseworker, settings
):
    settings.OUTCOME_LEAST = 2
    tips = [send(), send()]
    few = "The tips in this enquiry come from fewer than 2 sources."
    for tip in tips:
        assert few in unlocked.get(at(enquiry)).text
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    assert few not in unlocked.get(at(enquiry)).text
    Tip.objects.filter(pk=tips[0].pk).update(status="spam")
    assert few in unlocked.get(at(enquiry)).text


@pytest.fixture
def linked(send, enquiry, caseworker, keys):
    """Return two tips of the enquiry, which are opened and which nobody has read."""
    said = (("daily", "no"), ("late", ""))
    tips = [
        send(f"A van calls {day}.", kind="growing", danger="no", police=answer)
        for day, answer in said
    ]
    opening.open_new(by=caseworker, keys=keys)
    for tip in tips:
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    return tips


@pytest.mark.promise(
    "team",
    control="test_a_first_line_that_cannot_be_recorded_is_not_shown",
    name="reading-recorded",
)
def test_an_unlocked_enquiry_shows_how_its_tips_begin_once_that_is_recorded(
    signed_in, unlock, enquiry, linked, caseworker
):
    """An enquiry shows how a tip begins once that is recorded as glimpsed."""
    page = signed_in.get(at(enquiry)).text
    assert str(questions.label("kind", "growing")) in page
    assert "A van calls" not in page
    assert "Police:" not in page
    assert not AuditEvent.objects.filter(act="glimpsed").exists()
    unlock(signed_in)
    page = signed_in.get(at(enquiry)).text
    assert [f"<q>A van calls {day}.</q>" in page for day in ("daily", "late")] == [True, True]
    assert ("Police: no<" in page, "Police: not said<" in page) == (True, True)
    assert "2 tips, at most 2 sources<" in page
    glimpsed = AuditEvent.objects.filter(act="glimpsed", actor=caseworker.username).values_list(
        "subject", flat=True
    )
    assert set(glimpsed) == {tip.reference for tip in linked}
    assert set(Tip.objects.values_list("unread", flat=True)) == {True}, "a glimpse is no reading"
    relations.judge(
        tip=linked[0], other=linked[1], verdict="related", by=caseworker, keys=newest_keys()
    )
    assert "2 tips, 1 source<" in signed_in.get(at(enquiry)).text


def test_a_first_line_that_cannot_be_recorded_is_not_shown(unlocked, enquiry, linked, monkeypatch):
    def refuse(**_what):
        raise DatabaseError

    assert "<q>A van calls daily.</q>" in unlocked.get(at(enquiry)).text, "the control"
    monkeypatch.setattr(audit_log, "record_each", refuse)
    unlocked.raise_request_exception = False
    response = unlocked.get(at(enquiry))
    assert response.status_code == 500
    assert "A van calls" not in response.text


def test_outcome_is_proposed_with_its_story_and_the_members_own_words(
    unlocked, enquiry, passphrase
):
    given = {"sentence": SENTENCE, "article": make_article("sentenced").pk}
    draft = make_article("unfinished", status="draft")
    for story in ("", "x", draft.pk):
        page = unlocked.post(at(enquiry, "propose"), given | {"article": story}).text
        assert "Choose a story." in page.split("Public result</h2>")[1]
    page = unlocked.get(at(enquiry)).text
    assert f"{public_results.OPENING} </textarea>" in page
    assert "at least 5 sources" in page
    thanks = given | {"sentence": f"{SENTENCE} Thank you."}
    assert "Do not use “you”" in unlocked.post(at(enquiry, "propose"), thanks).text
    for words, said in (
        (None, "We ask for your six words each time you do this"),
        ("wrong words", "There are six words. You typed 2."),
    ):
        html = unlocked.post(
            at(enquiry, "propose"), given | ({"passphrase": words} if words else {})
        ).text
        assert said in html
        assert "Propose a public result: quiet lantern" in html
        assert f'name="sentence" value="{SENTENCE}"' in html
        assert "wrong words" not in html
    assert not Outcome.objects.exists()
    page = unlocked.post(
        at(enquiry, "propose"), given | {"passphrase": passphrase}, follow=True
    ).text
    assert (
        f'<a href="/admin/reports/outcome/{Outcome.objects.get().pk}/change/">{SENTENCE}</a>'
        in page
    )


def test_tips_are_added_by_their_references_all_or_none(unlocked, enquiry, tip, send, caseworker):
    other, urgent, hidden = send(), send(danger="yes"), send()
    triaging.move(tip=urgent, to="reading", by=caseworker)
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    assert "Add tips: type their references" in unlocked.get(at(enquiry)).text
    for typed, said in (
        ("", "Type the references of the tips."),
        (f"{tip.reference} K7QX-94M", "We cannot find a tip with the reference K7QX-94M."),
        (
            f"{tip.reference} {hidden.reference}",
            f"We cannot find a tip with the reference {hidden.reference}.",
        ),
        (f"{tip.reference} {urgent.reference}", f"{urgent.reference}: This tip may be urgent."),
    ):
        page = unlocked.post(at(enquiry, "include"), {"references": typed}).text
        assert said in page
        assert ("None of these tips was added." in page) is bool(typed)
        assert f'value="{typed}"' in page or not typed
    assert not Link.objects.exists()
    typed = f"{tip.reference.lower()}, {other.reference.replace('-', '')}"
    page = unlocked.post(at(enquiry, "include"), {"references": typed}, follow=True).text
    assert "2 tips added." in page
    assert set(Link.objects.values_list("tip", "enquiry")) == {
        (each.pk, enquiry.pk) for each in (tip, other)
    }
    press = re.search(r'action="(/admin/[^"]*undo/[^"]+)"', page)
    assert press
    unlocked.post(press[1])
    assert not Link.objects.standing().exists()
