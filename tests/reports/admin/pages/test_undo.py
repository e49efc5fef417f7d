"""Undo stands in the line that reports an act, and for a day on the tip's page; a press of it posts."""

import re

import pytest

from reports.domain.audit import staleness
from reports.models import AuditEvent, Draft, Label, Status, Tip
from tests.reports.admin.conftest import said
from tests.reports.admin.tip_page import address, press, sent

QUEUE = "/admin/reports/tip/"


def buttons(response):
    """Return which presses the Undo buttons of a page name, each once."""
    return sorted(
        set(re.findall(r'action="(/admin/reports/tip/undo/[0-9a-f]{16}/)["?]', response.text))
    )


def bulk(client, *tips, do, **chosen):
    """Press a button of the page that asks about ticked tips, and follow it to the queue."""
    data = {
        "_selected_action": [tip.pk for tip in tips],
        "action": do,
        "seen": staleness.now(),
        **chosen,
    }
    return client.post(QUEUE, data | {"chosen": "yes"}, follow=True)


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("assign", "3 tips assigned to lena."),
        ("move", "3 tips moved to “Not for us”."),
        ("label", "3 tips labelled “market”."),
        ("spam", "3 tips marked as spam."),
        ("malicious", "3 tips marked as possibly malicious."),
    ],
)
def test_every_bulk_act_says_what_it_did_and_is_undone_from_that_line(
    unlocked, tips, team_lead, do, told
):
    label = Label.objects.create(name="market")
    chosen = {"assign": team_lead.pk, "move": "not_for_us", "label": label.pk, "malicious": "feud"}
    before = list(Tip.objects.order_by("pk").values())
    page = bulk(unlocked, *tips, do=do, **({"choice": chosen[do]} if do in chosen else {}))
    assert list(Tip.objects.order_by("pk").values()) != before or label.tips.count() == 3
    assert said(page) == [told]
    (action,) = buttons(page)
    assert unlocked.get(action)["Location"] == QUEUE, "an address alone undoes nothing"
    assert not AuditEvent.objects.filter(act="undid").exists()
    answer = unlocked.post(action, {"next": QUEUE}, follow=True)
    stays = " We left these as they are: the note." if do == "malicious" else ""
    assert said(answer) == [f"3 tips are as they were before.{stays}"]
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert list(Tip.objects.order_by("pk").values()) == before
    assert not Label.objects.exclude(tips=None).exists()
    assert buttons(answer) == [], "what is undone is done anew, not undone once more"
    assert said(unlocked.post(action, {"next": QUEUE}, follow=True))[0].startswith(
        "Nothing was undone."
    )


def test_a_locked_desk_undoes_nothing_and_offers_it_again(unlocked, tips, unlock):
    (action,) = buttons(bulk(unlocked, *tips, do="spam"))
    unlocked.post("/admin/lock/", follow=True)
    page = unlocked.post(action, {"next": QUEUE}, follow=True)
    assert said(page) == [
        "The desk is locked, so nothing was undone. Unlock the desk, then press Undo again."
    ]
    assert Tip.objects.filter(status=Status.SPAM).count() == 3
    assert buttons(page) == [action]
    unlock(unlocked)
    unlocked.get(QUEUE)
    assert said(unlocked.post(action, {"next": QUEUE}, follow=True)) == [
        "3 tips are as they were before."
    ]


def test_the_next_page_offers_to_undo_the_last_and_keeps_what_is_typed_there(unlocked, tips):
    Tip.objects.filter(pk=tips[1].pk).update(unread=True)
    page = press(unlocked, tips[0], status="no_action", then="next")
    assert page.request["PATH_INFO"] == address(tips[1])
    assert said(page) == [f"{tips[0].reference}: moved to “No action now”."]
    (action,) = buttons(page)
    fields = sent(page) | {"save-note": ["Half a thought"], "next": [address(tips[1])]}
    answer = unlocked.post(action, fields, follow=True)
    assert answer.redirect_chain == [(address(tips[1]), 302)]
    assert Tip.objects.get(pk=tips[0].pk).status == Status.READING
    assert Draft.objects.count() == 1
    assert "Half a thought" in answer.text


def test_for_a_day_a_colleague_undoes_it_from_the_tip_for_all_tips_of_the_press(
    unlocked, tips, team_lead, let_in
):
    bulk(unlocked, *tips, do="spam")
    tip, colleague = tips[0], let_in(team_lead)
    page = colleague.get(address(tip))
    line = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page.text[page.text.index('class="undo"') :]))
    assert "olu moved it from “Undecided” to “Spam”" in line[:200]
    assert "Undo for 3 tips" in " ".join(page.text.split())
    (action,) = buttons(page)
    answer = colleague.post(action, sent(page) | {"tip": tip.pk}, follow=True)
    assert answer.redirect_chain == [(address(tip), 302)]
    assert said(answer) == ["3 tips are as they were before."]
    assert buttons(answer) == []
    assert not Tip.objects.filter(status=Status.SPAM).exists()
    assert {event.detail["who"] for event in AuditEvent.objects.filter(act="undid")} == {"olu"}
