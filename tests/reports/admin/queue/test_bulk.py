"""Acts on several tips at once: each by its verb with its own record, bounded, and one message about all."""

import re

import pytest
from django.contrib.auth.models import Permission

from reports.admin.tips import tip_page
from reports.domain import enquiries
from reports.domain.audit import staleness
from reports.domain.tips import recusal
from reports.domain.triage import triaging
from reports.domain.triage.queue import PAGE
from reports.models import AuditEvent, Link, Status, Tip
from tests.reports.admin.conftest import said
from tests.reports.handing import newest_keys

QUEUE = "/admin/reports/tip/"


def ticks(*tips, do):
    """Return what a button of the queue sends."""
    return {
        "_selected_action": [tip.pk for tip in tips],
        "action": do,
        "index": "0",
        "seen": staleness.now(),
    }


def form(*tips, do, **chosen):
    """Return what the page that asks sends."""
    return ticks(*tips, do=do) | {"chosen": "yes", **chosen}


def test_a_button_asks_once_and_the_page_that_asks_does_it(unlocked, tips):
    page = unlocked.post(f"{QUEUE}?waiting=nobody", ticks(*tips[:2], do="move"))
    assert not AuditEvent.objects.filter(act="moved").exists()
    assert re.findall(r'name="_selected_action" value="([^"]+)"', page.text) == [
        str(tip.pk)
        for tip in Tip.objects.filter(pk__in=[tip.pk for tip in tips[:2]]).in_reading_order()
    ]
    done = unlocked.post(f"{QUEUE}?waiting=nobody", form(*tips[:2], do="move", choice="not_for_us"))
    assert done["Location"] == f"{QUEUE}?waiting=nobody"
    assert set(Tip.objects.filter(status=Status.NOT_FOR_US)) == set(tips[:2])


def test_what_is_refused_is_named_with_its_reason_and_the_rest_goes_on(
    unlocked, tips, team_lead, caseworker
):
    first, second, third = tips
    sent = form(first, second, third, do="move", choice="no_action")
    triaging.wait_for_answer(tip=Tip.objects.get(pk=first.pk), by=team_lead)
    recusal.Recusal.objects.create(tip=second, user=caseworker, key_index=1, sealed=b"")
    theirs = f"{first.reference}: lena moved it from “Undecided” to “Asked” just now."
    advice = "We did not make your change. Look at it, then decide. 1 no longer exists."
    expected = f"1 tip moved to “No action now”. Refused: 2. {theirs} {advice}"
    assert said(unlocked.post(QUEUE, sent, follow=True)) == [expected]
    assert Tip.objects.get(pk=first.pk).status == Status.NEEDS_MORE
    assert Tip.objects.get(pk=third.pk).status == Status.NO_ACTION
    moved = AuditEvent.objects.filter(act="moved", actor="olu").values_list("subject", flat=True)
    assert list(moved)[:1] == [third.reference], "each with its own record"


def test_a_tip_that_has_left_the_list_since_is_still_the_one_that_was_ticked(
    unlocked, tips, team_lead
):
    triaging.assign(tip=tips[0], to=team_lead, by=team_lead)
    sent = form(tips[0], do="move", choice="not_for_us")
    assert said(unlocked.post(f"{QUEUE}?waiting=nobody", sent, follow=True)) == [
        "1 tip moved to “Not for us”."
    ]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"action": "move", "index": "0"}, "Tick the tips first. Nothing was changed."),
        ({"action": "eat", "ticked": 1}, "No action selected."),
        (
            {"action": "spam", "ticked": PAGE + 1},
            "You ticked more than 40 tips, so nothing was changed. Tick fewer.",
        ),
        ({"action": "spam", "gone": 1}, "Nothing was changed. 1 no longer exists."),
    ],
)
def test_nothing_is_done_without_tips_an_act_or_a_bound(unlocked, tips, sent, problem):
    chosen = [tips[0].pk, *(f"00000000-0000-4000-8000-{number:012}" for number in range(PAGE))]
    ticked = chosen[1:2] if "gone" in sent else chosen[: sent.get("ticked", 0)]
    answer = unlocked.post(QUEUE, sent | {"chosen": "yes", "_selected_action": ticked}, follow=True)
    assert said(answer)[0].startswith(problem)
    assert not AuditEvent.objects.filter(act="moved").exists()


def test_unread_tips_become_spam_only_if_the_member_includes_them(unlocked, tips, send):
    urgent = send("He has a knife.", danger="yes")
    Tip.objects.filter(pk__in=[tips[1].pk, tips[2].pk]).update(status=Status.NEW, unread=True)
    page = " ".join(unlocked.post(QUEUE, ticks(*tips, urgent, do="spam")).text.split())
    for line in (
        "Read, will be spam: 1",
        "Unread, left out unless you tick below: 2",
        "Urgent or still needed, will stay: 1",
    ):
        assert line in page
    assert 'name="choice"' in page
    assert "Include unread tips: they are deleted after 7 days" in page
    assert said(unlocked.post(QUEUE, form(*tips, do="spam"), follow=True)) == [
        "1 tip marked as spam. 2 unread tips left out."
    ]
    assert list(Tip.objects.filter(status=Status.SPAM)) == [tips[0]]
    again = unlocked.post(QUEUE, form(tips[1], tips[2], do="spam"))
    assert "You have read none of these tips." in again.text
    assert again.text.count('name="_selected_action"') == 2, "the ticks stay"
    unlocked.post(QUEUE, form(tips[1], tips[2], do="spam", choice="on"))
    assert Tip.objects.filter(status=Status.SPAM).count() == 3


def test_ticked_tips_are_added_to_an_enquiry_under_way_but_urgent_ones(
    unlocked, tips, send, team_lead, caseworker
):
    urgent, new = send("He has a knife.", danger="yes"), send("He has two.", danger="yes")
    Tip.objects.filter(pk=urgent.pk).update(status=Status.READING)
    closed, enquiry = (
        enquiries.begin(by=team_lead),
        enquiries.begin(codename="quiet lantern", by=team_lead),
    )
    enquiries.move(enquiry=closed, to="closed", by=team_lead, keys=newest_keys())
    ticked = (*tips[:2], urgent, new)
    page = unlocked.post(QUEUE, ticks(*ticked, do="enquiry")).text
    assert "4 tips, 2 unread" in page
    assert re.findall(r'<option value="([^"]+)"', page) == [str(enquiry.pk)]
    assert (
        "Choose an enquiry"
        in unlocked.post(QUEUE, form(*tips[:2], do="enquiry", choice=closed.pk)).text
    )
    (message,) = said(
        unlocked.post(QUEUE, form(*ticked, do="enquiry", choice=enquiry.pk), follow=True)
    )
    assert message.startswith("3 tips now part of “quiet lantern”. Refused: 1.")
    assert f"{urgent.reference}: This tip may be urgent." in message
    assert {link.tip for link in Link.objects.filter(enquiry=enquiry)} == {*tips[:2], new}
    assert Tip.objects.filter(pk=new.pk, decided=None).urgent_waiting().exists(), (
        "which decides nothing of a new one"
    )
    assert {tip.status for tip in Tip.objects.filter(pk__in=[tip.pk for tip in tips[:2]])} == {
        Status.LINKED
    }
    caseworker.groups.clear()
    caseworker.user_permissions.set(
        Permission.objects.filter(codename__in=("view_tip", "read_tip", "triage_tip"))
    )
    assert "Add to enquiry" not in unlocked.get(QUEUE).text, (
        "who may not see enquiries learns no codename"
    )
    assert (
        "quiet lantern" not in unlocked.post(QUEUE, ticks(tips[2], do="enquiry"), follow=True).text
    )


def test_nothing_is_done_to_tips_that_nobody_ticked(unlocked, tips):
    unlocked.post(QUEUE, form(tips[0], do="spam") | {"select_across": "1"}, follow=True)
    assert list(Tip.objects.filter(status=Status.SPAM)) == [tips[0]]
    assert said(unlocked.post(QUEUE, form(*tips, do="delete_selected"), follow=True)) == [
        "No action selected."
    ]


def test_locked_desk_keeps_the_ticks_and_the_choice_and_does_nothing_by_itself(
    unlocked, tips, passphrase
):
    unlocked.post("/admin/lock/")
    sent = form(*tips[:2], do="move", choice="not_for_us")
    page = unlocked.post(QUEUE, sent)
    assert "The desk is locked" in page.text
    for tip in tips[:2]:
        assert f'name="_selected_action" value="{tip.pk}"' in page.text
    wrong = unlocked.post(QUEUE, sent | {"passphrase": "wrong words"})
    assert wrong.context["passphrase_form"].errors
    opened = unlocked.post(QUEUE, sent | {"passphrase": passphrase})
    assert set(opened.context["tips"]) == set(tips[:2])
    assert '<option value="not_for_us" selected>' in opened.text
    assert 'name="passphrase"' not in opened.text
    assert not Tip.objects.filter(status=Status.NOT_FOR_US).exists()
    assert unlocked.post(QUEUE, sent)["Location"] == QUEUE
    assert Tip.objects.filter(status=Status.NOT_FOR_US).count() == 2


def test_tip_page_leads_to_its_neighbours_on_the_page_that_listed_it(unlocked, tips):
    order = unlocked.get(QUEUE).context["cl"].result_list
    addresses = [f"{QUEUE}{tip.pk}/change/" for tip in order]
    beside = [unlocked.get(address).context["neighbours"] for address in addresses]
    first, second, third = addresses
    assert beside == [{"later": second}, {"earlier": first, "later": third}, {"earlier": second}]
    assert unlocked.session[tip_page.QUEUE_PAGE] == [str(tip.pk) for tip in order]


def test_single_keys_can_be_turned_off_and_on(unlocked, send):
    send()
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).text
    response = unlocked.post(f"{QUEUE}keys/", {"single_keys": "off", "next": QUEUE})
    assert response["Location"] == QUEUE
    assert 'data-keys="off" hidden' in unlocked.get(QUEUE).text
    unlocked.post(f"{QUEUE}keys/", {"single_keys": "on"})
    assert 'data-keys="on" hidden' in unlocked.get(QUEUE).text


def test_no_enquiry_is_chosen_beforehand(unlocked, tips, caseworker):
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern")
    asked = unlocked.post(QUEUE, ticks(*tips, do="enquiry")).text
    assert '<option value="" selected>Choose an enquiry</option>' in asked
    assert (
        "Choose an enquiry, or type a codename"
        in unlocked.post(QUEUE, form(*tips, do="enquiry", choice="")).text
    )
    assert not enquiry.links.exists()
    unlocked.post(QUEUE, form(*tips, do="enquiry", choice=enquiry.pk))  # the control
    assert enquiry.links.count() == len(tips)


def test_a_locked_desk_says_that_its_numbers_can_change(signed_in, unlock):
    says = "These numbers can change when you unlock"
    assert all(says in signed_in.get(page).text for page in ("/admin/", QUEUE))
    unlock(signed_in)
    assert not any(says in signed_in.get(page).text for page in ("/admin/", QUEUE))


def test_the_bar_of_acts_is_ours(unlocked, tips):
    page = unlocked.get(QUEUE).text
    assert 'value="spam"' in page
    assert "Select an option" not in page
    assert 'name="action"' in page
