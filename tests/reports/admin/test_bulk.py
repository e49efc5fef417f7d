"""Acts on several tips at once: each by its verb with its own record, bounded, and one message about all."""

import pytest

from reports.admin import tip as tip_page
from reports.domain import triage
from reports.domain.tips import edit_conflict, recusal
from reports.domain.triage.queue import PAGE
from reports.models import AuditEvent, Status, Tip

QUEUE, BULK = "/admin/reports/tip/", "/admin/reports/tip/bulk/"


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def problems(response) -> list[str]:
    return [error for errors in response.context["attempt"].form.errors.values() for error in errors]


def form(*tips: Tip, do: str, **chosen: object) -> dict:
    return {"tip": [tip.pk for tip in tips], "do": do, "as_of": edit_conflict.now(), **chosen}


def test_what_is_refused_is_named_with_its_reason_and_the_rest_goes_on(unlocked, tips, lead, officer, keys):
    first, second, third = tips
    sent = form(first, second, third, do="move", move="no_action")
    triage.move(tip=Tip.objects.get(pk=first.pk), to=Status.NEEDS_MORE, by=lead, keys=keys)
    recusal.Recusal.objects.create(tip=second, user=officer, key_index=1, sealed=b"")
    sent["tip"] += ["not-a-tip"]
    theirs = f"{first.reference}: lena moved it from “Being read” to “Needs more” just now."
    advice = "Nothing of theirs was changed. Look at it, then decide. 2 are not there any more."
    expected = f"1 tip moved to “No action now”. Refused: 2. {theirs} {advice}"
    assert said(unlocked.post(BULK, sent, follow=True)) == [expected]
    assert Tip.objects.get(pk=first.pk).status == Status.NEEDS_MORE
    assert Tip.objects.get(pk=third.pk).status == Status.NO_ACTION
    moved = AuditEvent.objects.filter(act="moved", actor="olu").values_list("subject", flat=True)
    assert list(moved)[:1] == [third.reference], "each with its own record"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"do": "move", "move": "spam"}, "Tick at least one tip first."),
        ({"do": "eat", "tip": ["x"]}, "Choose what to do with the tips."),
        ({"tip": ["x"]}, "Choose what to do with the tips."),
        ({"do": "spam", "tip": ["x"] * (PAGE + 1)}, "That is more than 40 tips. Nothing was done."),
    ],
)
def test_nothing_is_done_without_tips_an_act_or_a_bound(unlocked, sent, problem):
    assert problems(unlocked.post(BULK, sent)) == [problem]
    assert not AuditEvent.objects.filter(act="moved").exists()


@pytest.mark.parametrize(
    ("do", "value", "problem"),
    [
        ("assign", "999999", "That person cannot be given a tip any more. Choose somebody else."),
        ("label", "x", "Choose a label."),
        ("move", "linked", "Choose where to move the tips."),  # which linking does
    ],
)
def test_what_cannot_be_chosen_is_said_and_the_ticks_stay(unlocked, tips, do, value, problem):
    response = unlocked.post(BULK, form(tips[0], do=do, **{do: value}))
    assert problems(response) == [problem]
    assert [row.tip for row in response.context["rows"] if row.ticked] == [tips[0]]


def test_locked_desk_keeps_the_ticks_and_does_nothing_by_itself(unlocked, tips, phrase):
    unlocked.post("/admin/lock/")
    sent = form(*tips[:2], do="move", move="not_for_us", next=f"{QUEUE}?waiting=mine")
    page = unlocked.post(BULK, sent).text
    assert "The desk has locked" in page
    assert "The 2 tips that you ticked stay ticked" in page
    for tip in tips[:2]:
        assert f'<input type="hidden" name="tip" value="{tip.pk}"' in page
    wrong = unlocked.post(BULK, sent | {"phrase": "wrong words"})
    assert wrong.status_code == 200
    assert wrong.context["phrase_form"].errors
    queue = unlocked.post(BULK, sent | {"phrase": phrase, "next": QUEUE})
    assert {row.tip for row in queue.context["rows"] if row.ticked} == set(tips[:2])
    assert not Tip.objects.filter(status=Status.NOT_FOR_US).exists()
    assert unlocked.post(BULK, sent)["Location"] == f"{QUEUE}?waiting=mine"
    assert Tip.objects.filter(status=Status.NOT_FOR_US).count() == 2


def test_tip_page_leads_to_its_neighbours_on_the_page_that_listed_it(unlocked, tips):
    order = [row.tip for row in unlocked.get(QUEUE).context["rows"]]
    addresses = [f"{QUEUE}{tip.pk}/change/" for tip in order]
    beside = [unlocked.get(address).context["neighbours"] for address in addresses]
    assert beside == [("", addresses[1]), (addresses[0], addresses[2]), (addresses[1], "")]
    assert unlocked.session[tip_page.QUEUE_PAGE] == [str(tip.pk) for tip in order]


def test_single_keys_can_be_turned_off_and_on(unlocked, send):
    send()
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).text
    response = unlocked.post(f"{QUEUE}keys/", {"single_keys": "off", "next": QUEUE})
    assert response["Location"] == QUEUE
    assert 'data-keys="off" hidden' in unlocked.get(QUEUE).text
    unlocked.post(f"{QUEUE}keys/", {"single_keys": "on"})
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).text
