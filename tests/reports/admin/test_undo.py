"""Undo stands in the line that reports an act, and for a day on the tip's page; a press of it posts."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from reports.domain import enquiries, triage
from reports.domain.tips import edit_conflict, opening, recusal
from reports.domain.triage import undo
from reports.models import AuditEvent, Draft, Label, Status, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address, press, sent

QUEUE, BULK = "/admin/reports/tip/", "/admin/reports/tip/bulk/"


def buttons(response: HttpResponse) -> list[str]:
    """Return which presses the Undo buttons of a page name, each once."""
    return sorted(set(re.findall(r'action="(/admin/reports/tip/undo/[0-9a-f]{16}/)["?]', response.text)))


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def bulk(client: Client, *tips: Tip, do: str, **chosen: object) -> HttpResponse:
    """Press a button of the queue, and follow it to the queue."""
    data = {"tip": [tip.pk for tip in tips], "do": do, "as_of": edit_conflict.now(), "next": QUEUE, **chosen}
    return client.post(BULK, data, follow=True)


@pytest.fixture
def tips(send, unlocked, officer, keys) -> list[Tip]:
    """Return three tips that are being read, and that the queue has shown."""
    sent_tips = [send() for _ in range(3)]
    unlocked.get(QUEUE)
    for tip in sent_tips:
        opening.read(tip=tip, by=officer, keys=keys)
    return sent_tips


@pytest.mark.parametrize("do", ["assign", "move", "label", "spam"])
def test_every_bulk_act_is_undone_from_its_line(unlocked, tips, lead, do):
    label = Label.objects.create(name="market")
    chosen = {"assign": lead.pk, "move": "not_for_us", "label": label.pk}
    before = list(Tip.objects.order_by("pk").values())
    page = bulk(unlocked, *tips, do=do, **({do: chosen[do]} if do in chosen else {}))
    assert list(Tip.objects.order_by("pk").values()) != before or label.tips.count() == 3
    (action,) = buttons(page)
    assert unlocked.get(action)["Location"] == QUEUE, "an address alone undoes nothing"
    assert not AuditEvent.objects.filter(act="undid").exists()
    answer = unlocked.post(action, {"next": QUEUE}, follow=True)
    assert said(answer) == ["3 tips are as they were before."]
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert list(Tip.objects.order_by("pk").values()) == before
    assert label.tips.count() == 0
    assert buttons(answer) == [], "what is undone is done anew, not undone once more"
    assert said(unlocked.post(action, {"next": QUEUE}, follow=True))[0].startswith("Nothing was undone.")


def test_spam_leaves_out_what_is_needed_and_names_it(unlocked, tips, officer):
    linked, answered, spam = tips
    enquiries.link(tip=linked, enquiry=enquiries.begin(by=officer, codename="quiet lantern"), by=officer)
    Tip.objects.filter(pk=answered.pk).update(answered=True)
    (text,) = said(bulk(unlocked, *tips, do="spam"))
    start, _between, listed = text.partition(" left out: ")
    assert start == "1 tip marked as spam. 2"
    assert set(listed.rstrip(".").split("; ")) == {
        f"{linked.reference} is part of “quiet lantern”",
        f"{answered.reference} has an answer from its sender",
    }
    assert list(Tip.objects.filter(status=Status.SPAM)) == [spam]


def test_a_tips_own_page_says_why_it_is_no_spam(unlocked, tips):
    Tip.objects.filter(pk=tips[0].pk).update(answered=True)
    page = press(unlocked, tips[0], status="spam", note="Look again.")
    assert "This tip cannot be spam: it has an answer from its sender." in page.context["said"].lines
    assert Tip.objects.get(pk=tips[0].pk).status == Status.READING
    assert Tip.objects.get(pk=tips[0].pk).notes.count() == 1


def test_what_was_set_aside_is_undone_on_a_locked_desk(signed_in, send, officer, keys):
    same = [send("They deal by the garages."), send("They deal by the garages.")]
    opening.open_new(by=officer, keys=keys)
    page = signed_in.post(address(same[0], "aside"), {"next": QUEUE}, follow=True)
    (action,) = buttons(page)
    assert said(signed_in.post(action, {"next": QUEUE}, follow=True)) == ["2 tips are as they were before."]
    assert not Tip.objects.filter(aside=True).exists()
    page = signed_in.post(address(same[0], "aside"), {"next": QUEUE}, follow=True)
    page = signed_in.post(address(same[0], "back"), {"next": QUEUE}, follow=True)
    (action,) = buttons(page)
    signed_in.post(action)
    assert Tip.objects.filter(aside=True).count() == 2


def test_a_locked_desk_undoes_nothing_that_takes_an_open_one_and_offers_it_again(unlocked, tips, unlock):
    (action,) = buttons(bulk(unlocked, *tips, do="spam"))
    unlocked.post("/admin/lock/", follow=True)
    page = unlocked.post(action, {"next": QUEUE}, follow=True)
    assert said(page) == ["The desk is locked, so nothing was undone. Unlock the desk, then undo it."]
    assert Tip.objects.filter(status=Status.SPAM).count() == 3
    assert buttons(page) == [action]
    unlock(unlocked)
    unlocked.get(QUEUE)
    assert said(unlocked.post(action, {"next": QUEUE}, follow=True)) == ["3 tips are as they were before."]


@pytest.mark.parametrize("status", ["no_action", "not_for_us", "malicious", "spam"])
def test_a_closing_status_is_undone_from_the_line_on_its_page(unlocked, tips, status):
    tip = tips[0]
    page = press(unlocked, tip, status=status)
    (action,) = buttons(page)
    assert page.text.index('id="said"') < page.text.index(action) < page.text.index("</div>", page.text.index(action))
    answer = unlocked.post(action, sent(page) | {"next": address(tip)}, follow=True)
    assert answer.redirect_chain == [(address(tip), 302)]
    assert said(answer) == ["1 tip is as it was before."]
    assert Tip.objects.get(pk=tip.pk).status == Status.READING


def test_another_status_and_another_act_have_no_undo(unlocked, tips):
    assert buttons(press(unlocked, tips[0], status="needs_more")) == []
    assert buttons(press(unlocked, tips[0], note="Seen.")) == []


def test_the_next_page_offers_to_undo_the_last_and_keeps_what_is_typed_there(unlocked, tips):
    Tip.objects.filter(pk=tips[1].pk).update(unread=True)
    page = press(unlocked, tips[0], status="no_action", then="next")
    assert page.request["PATH_INFO"] == address(tips[1])
    assert page.context["said"].lines == [f"{tips[0].reference}: moved to “No action now”."]
    (action,) = buttons(page)
    fields = sent(page) | {"save-note": ["Half a thought"], "next": [address(tips[1])]}
    answer = unlocked.post(action, fields, follow=True)
    assert answer.redirect_chain == [(address(tips[1]), 302)]
    assert Tip.objects.get(pk=tips[0].pk).status == Status.READING
    assert Draft.objects.count() == 1
    assert "Half a thought" in answer.text


def test_where_nothing_is_left_to_read_the_line_stands_above_the_page(unlocked, tips):
    page = press(unlocked, tips[0], status="no_action", then="next")
    (action,) = buttons(page)
    unlocked.post(action)
    assert Tip.objects.get(pk=tips[0].pk).status == Status.READING


def test_for_a_day_a_colleague_undoes_it_from_the_tip_and_of_that_tip_alone(unlocked, tips, lead, let_in):
    bulk(unlocked, *tips, do="spam")
    tip, colleague = tips[0], let_in(lead)
    page = colleague.get(address(tip))
    line = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page.text[page.text.index('class="undo"') :]))
    assert "olu moved it from “Being read” to “Spam”" in line[:200]
    (action,) = buttons(page)
    answer = colleague.post(action, sent(page) | {"tip": tip.pk}, follow=True)
    assert answer.redirect_chain == [(address(tip), 302)]
    assert said(answer) == ["1 tip is as it was before."]
    assert buttons(answer) == []
    assert set(Tip.objects.filter(status=Status.SPAM)) == set(tips[1:])
    assert AuditEvent.objects.filter(act="undid").get().detail["who"] == "olu"


def test_what_was_changed_since_is_named_and_the_rest_undone(unlocked, tips, lead):
    (action,) = buttons(bulk(unlocked, *tips, do="spam"))
    triage.move(tip=Tip.objects.get(pk=tips[0].pk), to="reading", by=lead)
    (text,) = said(unlocked.post(action, {"next": QUEUE}, follow=True))
    assert text == f"2 tips are as they were before. {tips[0].reference}: lena has changed it since."


def test_who_may_not_do_it_may_not_undo_it(unlocked, tips, officer):
    (action,) = buttons(bulk(unlocked, *tips, do="spam"))
    for client in (sign_in(make_user("aude", "Auditor")), sign_in(make_user("edie", "Editor"))):
        assert client.post(action).status_code == 403
    recusal.Recusal.objects.create(tip=tips[0], user=officer, key_index=1, sealed=b"")
    assert unlocked.post(action, {"tip": tips[0].pk}).status_code == 404
    assert unlocked.post(action, {"tip": "no key"}).status_code == 404
    assert said(unlocked.post(action, {"next": QUEUE}, follow=True)) == ["2 tips are as they were before."]
    assert Tip.objects.get(status=Status.SPAM) == tips[0]


def test_a_line_that_reports_no_press_has_no_button(unlocked, tips):
    page = unlocked.post(f"{QUEUE}undo/{undo.new_press()}/", {"next": QUEUE}, follow=True)
    assert said(page) == ["There is nothing to undo. An act can be undone for one day."]
    assert buttons(page) == []


def test_a_hidden_tips_reference_finds_nothing_that_says_the_same(unlocked, send, officer, keys):
    hidden, shown = send("They deal by the garages."), send("They deal by the garages.")
    opening.open_new(by=officer, keys=keys)
    found = unlocked.get(QUEUE, {"same": hidden.reference}).text
    assert shown.reference in found, "the control"
    recusal.Recusal.objects.create(tip=hidden, user=officer, key_index=1, sealed=b"")
    assert shown.reference not in unlocked.get(QUEUE, {"same": hidden.reference}).text


def test_an_enquiry_counts_spam_as_no_source(unlocked, tips, officer):
    enquiry = enquiries.begin(by=officer, codename="quiet lantern")
    for tip in tips:
        enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    here = f"/admin/reports/enquiry/{enquiry.pk}/change/"
    assert unlocked.get(here).context["sources"] == 3
    Tip.objects.filter(pk=tips[0].pk).update(status=Status.SPAM)
    assert unlocked.get(here).context["sources"] == 2
