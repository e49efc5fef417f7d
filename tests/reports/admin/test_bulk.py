"""Acts on several tips at once: each by its verb with its own record, bounded, and one message about all."""

import pytest

from reports.admin import bulk
from reports.admin import tip as tip_page
from reports.domain import triage
from reports.domain.tips import edit_conflict, recusal
from reports.domain.triage.queue import PAGE
from reports.models import AuditEvent, Label, Status, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

QUEUE, BULK = "/admin/reports/tip/", "/admin/reports/tip/bulk/"


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def problems(response) -> list[str]:
    return [error for errors in response.context["attempt"].form.errors.values() for error in errors]


def form(*tips: Tip, do: str, **chosen: object) -> dict:
    return {"tip": [tip.pk for tip in tips], "do": do, "as_of": edit_conflict.now(), **chosen}


@pytest.fixture
def tips(send, unlocked) -> list[Tip]:
    """Return three tips that are being read."""
    sent = [send() for _ in range(3)]
    for tip in sent:
        unlocked.get(f"{QUEUE}{tip.pk}/change/")
    return sent


def test_move_moves_each_with_its_own_record(unlocked, tips):
    response = unlocked.post(BULK, form(*tips, do="move", move="no_action"), follow=True)
    assert said(response) == ["3 tips moved to “No action now”."]
    assert set(Tip.objects.values_list("status", flat=True)) == {Status.NO_ACTION}
    moved = AuditEvent.objects.filter(act="moved").values_list("subject", "actor")
    assert sorted(moved) == sorted((tip.reference, "olu") for tip in tips)


def test_assign_gives_and_takes_away(unlocked, tips, lead):
    response = unlocked.post(BULK, form(*tips[:2], do="assign", assign=lead.pk), follow=True)
    assert said(response) == ["2 tips given to lena."]
    assert Tip.objects.filter(assignee=lead).count() == 2
    response = unlocked.post(BULK, form(tips[0], do="assign", assign=""), follow=True)
    assert said(response) == ["1 tip given to nobody."]
    response = unlocked.post(BULK, form(tips[0], do="assign", assign="999999"))
    assert problems(response) == ["That person cannot be given a tip any more. Choose somebody else."]
    assert [row.tip for row in response.context["rows"] if row.ticked] == [tips[0]], "the ticks stay"


def test_label_labels_each(unlocked, tips):
    label = Label.objects.create(name="rumour mill")
    response = unlocked.post(BULK, form(*tips, do="label", label=label.pk), follow=True)
    assert said(response) == ["3 tips labelled “rumour mill”."]
    assert label.tips.count() == 3
    assert len(unlocked.get(f"{QUEUE}?label={label.pk}").context["rows"]) == 3
    assert problems(unlocked.post(BULK, form(tips[0], do="label", label="x"))) == ["Choose a label."]


def test_spam_is_one_button(unlocked, tips):
    assert said(unlocked.post(BULK, form(tips[0], do="spam"), follow=True)) == ["1 tip marked as spam."]


@pytest.mark.parametrize("act", ["spam", "no_action"])
def test_an_urgent_tip_that_nobody_has_taken_is_left_out_and_rings_on(unlocked, tips, send, act):
    urgent = send("A child is in danger.", danger="yes")
    unlocked.get(f"{QUEUE}{urgent.pk}/change/")
    chosen = {"do": "spam"} if act == "spam" else {"do": "move", "move": act}
    (text,) = said(unlocked.post(BULK, form(tips[0], urgent, **chosen), follow=True))
    own_page = "This tip speaks of danger, or of someone under 18. Open it and decide it by itself."
    reasons = {
        "spam": f"1 left out: {urgent.reference} is urgent.",
        "no_action": f"Refused: 1. {urgent.reference}: {own_page}",
    }
    assert text.endswith(reasons[act])
    assert Tip.objects.get(pk=tips[0].pk).status == act
    assert list(Tip.objects.urgent_waiting()) == [urgent]


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


def test_senders_who_said_no_are_left_out_of_the_status_that_asks_and_the_rest_goes_on(unlocked, tips, send):
    silent = send("A blue car.", contact="none")
    unlocked.get(f"{QUEUE}{silent.pk}/change/")
    (text,) = said(unlocked.post(BULK, form(tips[0], silent, do="move", move="needs_more"), follow=True))
    why = "The sender asked us not to ask them anything. You can write again if they write to us."
    assert text == f"1 tip moved to “Needs more”. Refused: 1. {silent.reference}: {why}"
    assert list(Tip.objects.filter(status=Status.NEEDS_MORE)) == [tips[0]]


def test_on_a_locked_desk_the_status_that_asks_waits_with_the_ticks(unlocked, tips, phrase):
    unlocked.post("/admin/lock/")
    sent = form(tips[0], do="move", move="needs_more")
    assert "The tip that you ticked stays ticked" in unlocked.post(BULK, sent).text
    assert not Tip.objects.filter(status=Status.NEEDS_MORE).exists()
    unlocked.post(BULK, sent | {"phrase": phrase})
    unlocked.post(BULK, sent)
    assert list(Tip.objects.filter(status=Status.NEEDS_MORE)) == [tips[0]]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"do": "move", "move": "spam"}, "Tick at least one tip first."),
        ({"do": "eat", "tip": ["x"]}, "Choose what to do with the tips."),
        ({"tip": ["x"]}, "Choose what to do with the tips."),
        ({"do": "spam", "tip": ["x"] * (PAGE + 1)}, "That is more than 40 tips. Nothing was done."),
    ],
)
def test_nothing_is_done_without_tips_an_act_or_a_bound(unlocked, send, sent, problem):
    send()
    assert problems(unlocked.post(BULK, sent)) == [problem]
    assert not AuditEvent.objects.filter(act="moved").exists()


def test_locked_desk_keeps_the_ticks_and_does_nothing_by_itself(unlocked, tips, phrase):
    unlocked.post("/admin/lock/")
    sent = form(*tips[:2], do="move", move="not_for_us", next=f"{QUEUE}?waiting=mine")
    page = unlocked.post(BULK, sent).content.decode()
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


def test_bulk_asks_as_many_queries_per_tip_for_three_as_for_one(unlocked, tips, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as one:
        unlocked.post(BULK, form(tips[0], do="assign", assign=""))
    each = sum("reports_auditevent" in query["sql"] and "INSERT" in query["sql"] for query in one.captured_queries)
    with django_assert_max_num_queries(120) as three:
        unlocked.post(BULK, form(*tips, do="assign", assign=""))
    again = sum("reports_auditevent" in query["sql"] and "INSERT" in query["sql"] for query in three.captured_queries)
    assert (each, again) == (1, 3)


def test_queue_offers_bulk_acts_only_to_who_may_triage(unlocked, tips, roles):
    assert [offer.name for offer in unlocked.get(QUEUE).context["bulk"]] == ["assign", "move", "label", "spam"]
    editor = sign_in(make_user("edie", "Editor"))
    assert editor.post(BULK, form(tips[0], do="spam")).status_code == 403


def test_tip_page_leads_to_its_neighbours_on_the_page_that_listed_it(unlocked, tips):
    order = [row.tip for row in unlocked.get(QUEUE).context["rows"]]
    addresses = [f"{QUEUE}{tip.pk}/change/" for tip in order]
    beside = [unlocked.get(address).context["neighbours"] for address in addresses]
    assert beside == [("", addresses[1]), (addresses[0], addresses[2]), (addresses[1], "")]
    assert unlocked.session[tip_page.QUEUE_PAGE] == [str(tip.pk) for tip in order]


def test_tip_that_no_page_listed_has_no_neighbours(unlocked, send):
    assert unlocked.get(f"{QUEUE}{send().pk}/change/").context["neighbours"] is None


def test_single_keys_can_be_turned_off_and_on(unlocked, send):
    send()
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).content.decode()
    response = unlocked.post(f"{QUEUE}keys/", {"single_keys": "off", "next": QUEUE})
    assert response["Location"] == QUEUE
    assert 'data-keys="off" hidden' in unlocked.get(QUEUE).content.decode()
    unlocked.post(f"{QUEUE}keys/", {"single_keys": "on"})
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).content.decode()


def test_an_enquiry_is_none_of_the_places_to_move_several_to(unlocked, tips):
    offered = [value for value, _label in bulk.BulkForm().fields["move"].choices]
    assert ("linked" in offered, "no_action" in offered) == (False, True)  # the second is the control
    unlocked.post(BULK, form(tips[0], do="move", move="linked"), follow=True)
    assert Tip.objects.get(pk=tips[0].pk).status == Status.READING
