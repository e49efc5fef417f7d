import json
import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, quote

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.admin.queue import tip_admin
from reports.admin.queue.tip_admin import TipAdmin
from reports.domain import enquiries
from reports.domain.intake import outbox, receiving
from reports.domain.referrals import urgent_calls
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Label, Status, Tip
from reports.sealing import receipts
from tests.reports.admin.conftest import sign_in
from tests.reports.handing import newest_keys
from tests.reports.unrecorded import record_broken

QUEUE = "/admin/reports/tip/"


def rows(response):
    return [tip.reference for tip in response.context["cl"].result_list]


def test_half_a_character_that_somebody_sealed_breaks_no_page(unlocked, send):
    """Whoever takes over a public machine can seal anything to the desk."""
    send("KX19 ZFB, a white van.")
    poison = send("KX19 ZFB \ud800 now, a white van.", danger="yes")
    assert poison.reference in unlocked.get(QUEUE).text
    assert "KX19 ZFB ? now" in unlocked.get("/admin/next/", follow=True).text
    assert "KX19 ZFB ? now" in unlocked.post(QUEUE, {"lines": "show"}).text
    assert unlocked.post("/admin/search/", {"words": "white van"}).status_code == 200
    for tip in Tip.objects.all():
        assert unlocked.get(f"{QUEUE}{tip.pk}/related/").status_code == 200


def test_queue_takes_in_what_waits_and_shows_what_it_has_where_it_cannot(signed_in, passphrase):
    receiving.accept(token=receipts.new_token(), answers={"what": "A van."})
    (reference,) = rows(signed_in.get(QUEUE))
    assert outbox.waiting() == []
    receiving.accept(token=receipts.new_token(), answers={"what": "Another van."})
    (outbox.folder() / ".lock").unlink()
    (outbox.folder() / ".lock").mkdir()
    assert rows(signed_in.get(QUEUE)) == [reference]
    (outbox.folder() / ".lock").rmdir()
    assert len(outbox.waiting()) == 1


NARROWED = {
    "waiting=unread": {"mine", "appealed"},
    "waiting=urgent": {"urgent"},
    "waiting=answers": {"unread"},
    "waiting=undecided": {"read"},
    "member=(mine)": {"mine"},
    "member=(mine)&waiting=answers": set(),
    "member=(nobody)": {"unread", "urgent", "read", "appealed"},
    "status=spam": {"spam"},
    "category=home": {"mine"},
    "area=olney": {"unread"},
    "urgent=1": {"urgent"},
    "appeal=old-story": {"appealed"},
    "member=(nobody)&area=olney": {"unread"},
    "waiting=asked": set(),
    "member=olu": {"mine"},
    "status=reading&urgent=1": set(),
    "status=rubbish&waiting=rubbish&appeal=%00": {
        "unread",
        "urgent",
        "mine",
        "read",
        "spam",
        "appealed",
    },
    "same=rubbish": set(),
}


def test_queue_can_be_narrowed(unlocked, send, caseworker):
    tips = {"unread": send(area="olney"), "urgent": send(danger="yes"), "mine": send(kind="home")}
    tips |= {"read": send(), "spam": send(), "appealed": send(appeal="old-story")}
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=tips["mine"].pk).update(assignee=caseworker)
    Tip.objects.filter(pk=tips["unread"].pk).update(new_answer=True)
    Tip.objects.filter(pk=tips["read"].pk).update(unread=False)
    Tip.objects.filter(pk=tips["spam"].pk).update(status=Status.SPAM, decided="2026-11-23")
    for narrowed, expected in NARROWED.items():
        found = rows(unlocked.get(f"{QUEUE}?{narrowed}"))
        assert set(found) == {tips[name].reference for name in expected}, narrowed


def test_the_appeals_stay_on_offer_once_one_is_chosen_and_an_old_one_is_offered_too(unlocked):
    kept = {
        "title": "Did you see it?",
        "prompt": "",
        "questions": [],
        "open": True,
        "story": "",
        "path": "/",
    }
    appeals = {key: kept | {"key": key} for key in ("garages", "market")}
    (settings.STATE_DIR / "form.json").write_text(json.dumps({"appeals": appeals}))

    def offered(address):
        return set(re.findall(r'value="(garages|market|old-story)"', unlocked.get(address).text))

    assert offered(QUEUE) == offered(f"{QUEUE}?appeal=garages") == {"garages", "market"}
    assert offered(f"{QUEUE}?appeal=old-story") == {"garages", "market", "old-story"}


def test_an_answer_ends_the_waiting_and_its_tip_stands_with_those_without_a_decision(
    unlocked, send, caseworker
):
    waits, new, read, own = (send() for _ in range(4))
    unlocked.get(QUEUE)
    Tip.objects.update(status=Status.NEEDS_MORE, unread=False)
    Tip.objects.exclude(pk=waits.pk).update(answered=True)
    Tip.objects.filter(pk=new.pk).update(new_answer=True)
    Tip.objects.filter(pk=own.pk).update(assignee=caseworker)
    views = ("waiting=asked", "waiting=answers", "waiting=undecided", "member=(mine)")
    assert {name: set(rows(unlocked.get(f"{QUEUE}?{name}"))) for name in views} == {
        "waiting=asked": {waits.reference},
        "waiting=answers": {new.reference},
        "waiting=undecided": {read.reference, own.reference},
        "member=(mine)": {own.reference},
    }


def numbers(page):
    """Return the number on each tab of a page, by the tab's name."""
    tabs = re.findall(r'<li><a href="[^"]*"[^>]*>([^<]+) <b>(\d+)', page.text)
    return {name: int(number) for name, number in tabs}


@pytest.fixture
def everything(unlocked, send, caseworker):
    """Let tips wait for every reason, and three that say the same."""
    for _copy in range(3):
        send("The same van.", area="olney")
    states = (
        *(
            {"urgent": True, "new_answer": True},
            {"unsure": True, "new_answer": True},
            {"new_answer": True},
        ),
        {
            "urgent": True,
            "acknowledged_at": timezone.now(),
            "assignee": caseworker,
            "unread": False,
        },
        *({"unread": False, "status": "reading"}, {"unread": False, "status": "needs_more"}),
        {"unread": False, "status": "no_action", "decided": "2026-11-23"},
        *(
            {"status": "spam", "decided": "2026-11-23"},
            {"at_end": True},
            {"at_end": True, "urgent": True},
        ),
    )
    tips = [send(f"Van {at}.") for at in range(len(states))]
    unlocked.get(QUEUE)
    for tip, facts in zip(tips, states, strict=True):
        Tip.objects.filter(pk=tip.pk).update(**facts)


@pytest.mark.usefixtures("everything")
def test_tabs_title_first_screen_and_figures_add_up_in_tips_and_not_in_lines(unlocked, team_lead):
    page = unlocked.get(QUEUE)
    assert numbers(page) == {
        "Urgent": 1,
        "Not sure": 1,
        "Answers": 1,
        "Unread": 3,
        "Undecided": 2,
        "Waiting for an answer": 1,
        "At the end": 2,
        "All": 13,
        "Mine": 1,
    }
    assert "At the end <b>2, 1 urgent</b>" in page.text
    assert len(rows(page)) == 11, "the control: copies are one line"
    for query in (
        "",
        "?area=olney",
        "?member=(mine)",
        "?waiting=unread",
        "?area=olney&member=(nobody)",
    ):
        tabs = numbers(page := unlocked.get(f"{QUEUE}{query}"))
        waiting = re.search(r"(\d+) waiting", page.text)
        assert waiting
        assert sum(number for name, number in tabs.items() if name not in ("All", "Mine")) == int(
            waiting[1]
        ), query
    home = unlocked.get("/admin/")
    assert numbers(home) == numbers(unlocked.get(QUEUE)), "the first screen has the same tabs"
    assert "11 tips waiting" in home.text
    assert "1 new answer\n" in home.text
    for tab in home.context["tabs"]:
        assert unlocked.get(tab["query_string"]).context["counts"]["listed"] == tab["waits"], tab[
            "name"
        ]
    figures = sign_in(team_lead).get("/admin/dashboard/")
    assert sum(row.number for row in figures.context["tables"][-1].rows) == 11, "by who has them"
    assert figures.text.count("?member=") == 2, "both lead to their tips"
    for name, number in (("(nobody)", 10), ("olu", 1)):
        assert unlocked.get(f"{QUEUE}?member={name}").context["counts"]["listed"] == number


def test_the_switch_to_ones_own_tips_keeps_the_tab_and_has_its_way_out(unlocked, send, caseworker):
    own, _other = send(), send()
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=own.pk).update(assignee=caseworker)
    off = unlocked.get(f"{QUEUE}?waiting=unread").text
    assert '<a href="?member=%28mine%29&amp;waiting=unread">Mine <b>1</b></a>' in off
    on = unlocked.get(f"{QUEUE}?member=(mine)&waiting=unread")
    assert rows(on) == [own.reference]
    assert (
        '<a class="quick-filter" href="?waiting=unread" aria-label="Remove filter: I have it">I have it ✕</a>'
        in on.text
    )
    assert ">I have it<" in on.text
    assert ">nobody has it<" in off


def test_the_queue_asks_little_and_opens_only_what_is_urgent(unlocked, send, monkeypatch):
    for number in range(3):
        send(f"A van {number}.", danger="no")
    send("Again."), send("Again."), send(danger="unsure"), send(danger="yes")
    unlocked.get(QUEUE)  # opens them
    opened, really_open = list[object](), opening._open
    monkeypatch.setattr(
        opening, "_open", lambda entry, keys: (opened.append(entry), really_open(entry, keys))[1]
    )
    with CaptureQueriesContext(connection) as asked:
        page = unlocked.get(QUEUE).text.split('id="content"')[-1]  # the cover has one too
    widgets = re.findall(r'<(?:a |button|select|textarea|summary|input (?!type="hidden))', page)
    assert (len(asked), len(opened), len(widgets)) == (19, 1, 42)


def test_queue_is_ordered_as_asked_and_paged(unlocked, send, caseworker, monkeypatch):
    urgent, *tips = send(danger="yes"), *(send() for _ in range(4))
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=tips[0].pk).update(received=date(2026, 1, 5))
    oldest = rows(unlocked.get(QUEUE))
    assert oldest == [
        urgent.reference,
        tips[0].reference,
        *sorted(tip.reference for tip in tips[1:]),
    ]
    assert triaging.next_to_read(by=caseworker, after=urgent) == tips[0], "as Read next"
    newest = rows(unlocked.get(f"{QUEUE}?order=newest"))
    assert (newest[0], newest[-1]) == (urgent.reference, tips[0].reference)
    monkeypatch.setattr(TipAdmin, "list_per_page", 2)
    pages = [unlocked.get(f"{QUEUE}?p={number}") for number in (1, 2, 3)]
    assert [reference for page in pages for reference in rows(page)] == oldest
    assert len(rows(unlocked.get(f"{QUEUE}?all="))) == 2, "no address shows all of a flood at once"
    assert "page 2 of 3" in pages[1].text


def test_queue_sorted_by_a_column_keeps_the_first_of_a_filter_and_folds_no_group(
    unlocked, send, caseworker, monkeypatch
):
    urgent, olney, mine, *same = (
        *(
            send(danger="yes", kind="street"),
            send(area="olney", kind="home"),
            send(area="bradwell"),
        ),
        *(send("The same van.") for _ in range(2)),
    )
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=mine.pk).update(
        assignee=caseworker, received=date(2026, 1, 5), unread=False
    )
    first = {"week": urgent, "kind": olney, "area": mine, "assignee": mine}
    for column, tip in first.items():
        listed = rows(unlocked.get(f"{QUEUE}?order={column}"))
        assert (listed[0], len(listed)) == (tip.reference, 5), column
    assert rows(unlocked.get(f"{QUEUE}?order=week"))[-1] == mine.reference
    assert len(rows(unlocked.get(QUEUE))) == 4, "the control: two that say the same are one line"
    monkeypatch.setattr(tip_admin, "MOST_SORTED", 2)
    page = unlocked.get(f"{QUEUE}?order=area")
    assert urgent.reference in rows(page), "the first in the standing order"
    assert "Only the first 2 tips are sorted" in page.text
    assert len(rows(page)) == 2
    assert "Only the first" not in unlocked.get(f"{QUEUE}?order=area&area=olney").text
    assert rows(unlocked.get(f"{QUEUE}?order=week&same={same[0].reference}&status=spam")) == []


def test_queue_is_narrowed_to_an_enquiry_by_who_may_see_enquiries(
    unlocked, send, caseworker, team_lead
):
    tip, apart = send(), send()
    unlocked.get(QUEUE)
    enquiry = enquiries.begin(by=team_lead)
    for each in (tip, apart):
        Tip.objects.filter(pk=each.pk).update(status=Status.READING)
        enquiries.link(tip=Tip.objects.get(pk=each.pk), enquiry=enquiry, by=team_lead)
    assert set(rows(unlocked.get(f"{QUEUE}?enquiry={enquiry.pk}"))) == {
        tip.reference,
        apart.reference,
    }
    enquiries.unlink(tip=Tip.objects.get(pk=apart.pk), enquiry=enquiry, by=team_lead)
    page = unlocked.get(f"{QUEUE}?enquiry={enquiry.pk}")
    assert rows(page) == [tip.reference]
    assert f"Remove filter: {enquiry.codename}" in page.text
    caseworker.groups.clear()
    rights = ("view_tip", "read_tip", "triage_tip")
    caseworker.user_permissions.set(Permission.objects.filter(codename__in=rights))
    without = unlocked.get(f"{QUEUE}?enquiry={enquiry.pk}")
    assert len(rows(without)) == 2
    assert enquiry.codename not in without.text


def test_queue_bears_what_nobody_could_have_meant(unlocked, send):
    tip, far = send(), 10**30
    for query in (
        "appeal=%00",
        "label=999",
        "enquiry=x",
        "same=",
        "order=x",
        f"p={far}",
        "p=-1",
        "o=1.2.x",
        "waiting=%00",
    ):
        response = unlocked.get(f"{QUEUE}?{query}", follow=True)
        assert rows(response) == [tip.reference], query
    assert unlocked.get(f"{QUEUE}?label={far}").status_code == 400


def chips(response, tip):
    (beside,) = (row.beside for row in response.context["cl"].result_list if row == tip)
    return [str(chip.text) for chip in beside.chips]


TICKED = [
    ({"police": "no", "guessable": "yes", "danger": "no"}, ["Unread"]),
    ({"danger": "unsure"}, ["Unread", "Danger: not sure"]),
    ({"danger": "yes", "police": "yes"}, ["Urgent: nobody has it", "Unread", "Danger"]),
    ({"under_18": "on"}, ["Urgent: nobody has it", "Unread", "Under 18"]),
]


def test_a_recorded_call_marks_a_tip_of_which_nobody_ticked_a_danger(unlocked, send, caseworker):
    called, mistaken = send("He has a gun."), send("A van.")
    said = {"to": "999", "whom": "Operator 7", "when": "now", "ground": "life", "danger": "A gun."}
    for tip in (called, mistaken):
        call = urgent_calls.add(tip=tip, **said, by=caseworker, keys=newest_keys())
    urgent_calls.mark_mistaken(call=call, by=caseworker, keys=newest_keys())
    unlocked.post("/admin/lock/")
    chips = {
        row.reference: [chip.text for chip in row.beside.chips]
        for row in unlocked.get(QUEUE).context["cl"].result_list
    }
    assert ["Urgent call recorded" in chips[tip.reference] for tip in (called, mistaken)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("lines", [False, True])
def test_an_unlocked_queue_says_what_a_sender_ticked_about_danger(unlocked, send, lines):
    tips = [(send(**answers), expected) for answers, expected in TICKED]
    page = unlocked.post(QUEUE, {"lines": "show"}) if lines else unlocked.get(QUEUE)
    assert [chips(page, tip) for tip, _expected in tips] == [expected for _tip, expected in tips]
    unlocked.post("/admin/lock/")
    in_clear = [chips(unlocked.get(QUEUE), tip)[-1] for tip, _expected in tips]
    assert in_clear == ["Unread", "Danger: not sure", "Unread", "Unread"]


def test_the_tab_undecided_holds_what_was_read_and_not_decided_and_answers_too(unlocked, send):
    unread, left, answer, decided = (
        send(what) for what in ("Unread.", "Left.", "Answer.", "Decided.")
    )
    Tip.objects.exclude(pk=unread.pk).update(unread=False)
    Tip.objects.filter(pk=left.pk).update(status="reading")
    Tip.objects.filter(pk=answer.pk).update(status="needs_more", answered=True)
    Tip.objects.filter(pk=decided.pk).update(status="no_action", decided="2026-11-02")
    page = unlocked.get(f"{QUEUE}?waiting=undecided")
    assert set(rows(page)) == {left.reference, answer.reference}
    assert "Undecided <b>2</b>" in page.text


def test_a_long_urgent_tip_is_not_opened_for_the_list(unlocked, send):
    tip = send("A white van. " * 6_000, danger="yes")
    assert chips(unlocked.get(QUEUE), tip) == ["Urgent: nobody has it", "Unread"]


def test_queue_says_labels_and_enquiries(unlocked, send, caseworker, team_lead):
    tip = send(police="yes")
    triaging.label(tip=tip, label=Label.objects.create(name="garages"), by=caseworker)
    enquiries.link(
        tip=tip, enquiry=enquiries.begin(codename="Quiet Lantern", by=team_lead), by=team_lead
    )
    assert chips(unlocked.get(QUEUE), tip)[-2:] == ["garages", "quiet lantern"]


@pytest.mark.promise(
    "team",
    control="test_first_lines_that_cannot_be_recorded_are_not_shown",
    name="reading-recorded",
)
def test_first_lines_are_recorded_before_they_are_shown_and_change_nothing(
    unlocked, send, caseworker
):
    """The first lines of a page of the queue are each recorded as glimpsed before they are shown."""
    tips = [send("He waits at the gate at three."), send("A white van.")]
    page = unlocked.get(QUEUE).text
    assert "He waits at the gate" not in page
    before = list(Tip.objects.values("pk", "unread", "status", "acknowledged_at"))
    response = unlocked.post(QUEUE, {"lines": "show"})
    assert "He waits at the gate at three." in response.text
    glimpsed = AuditEvent.objects.filter(act="glimpsed").values_list("subject", "actor")
    assert sorted(glimpsed) == sorted((tip.reference, "olu") for tip in tips)
    assert list(Tip.objects.values("pk", "unread", "status", "acknowledged_at")) == before
    for address in (QUEUE, f"{QUEUE}?lines=show"):
        assert "He waits at the gate" not in unlocked.get(address).text, "for that press alone"
    unlocked.post("/admin/lock/")
    asks = unlocked.post(f"{QUEUE}?p=1", {"lines": "show"})
    assert asks["Location"] == f"/admin/unlock/?next={quote(f'{QUEUE}?p=1', safe='')}"


def test_first_lines_that_cannot_be_recorded_are_not_shown(unlocked, send):
    send("He waits at the gate at three.")
    unlocked.get(QUEUE)
    with record_broken():
        response = unlocked.post(QUEUE, {"lines": "show"})
    assert response.status_code == 503
    assert "We could not record that you saw these lines" in response.text
    assert "He waits" not in response.text


def test_all_rows_of_a_page_alone_can_be_ticked_without_a_script(unlocked, send):
    for area in ("olney", "olney", "bradwell"):
        send(area=area)
    assert " checked" not in unlocked.get(f"{QUEUE}?area=olney").text
    ticked = unlocked.post(f"{QUEUE}?area=olney", {"tick": "all"}).text
    assert ticked.count(" checked") == 2


def test_filters_that_are_on_stand_there_and_can_be_taken_off_one_by_one(unlocked, send):
    tip = send(area="olney")
    page = unlocked.get(f"{QUEUE}?area=olney&status=new&order=newest&same={tip.reference}").text
    filters = re.findall(r'class="quick-filter" href="([^"]*)"[^>]*>([^<]*) ✕', page)
    assert {
        label: parse_qs(unescape(address).removeprefix("?")).keys() for address, label in filters
    } == {
        "Newest week first": {"area", "status", "same"},
        "New": {"area", "order", "same"},
        "Olney": {"status", "order", "same"},
        f"says the same as {tip.reference}": {"area", "status", "order"},
    }
    assert f'<input type="hidden" name="same" value="{tip.reference}">' in page, (
        "which the form of filters keeps"
    )
    assert '<option value="newest" selected>' in page
