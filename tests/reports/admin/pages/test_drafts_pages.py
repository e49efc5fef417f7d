"""On every page of the desk where a member types: each box outlives each act on that page, without scripts."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.domain import enquiries
from reports.domain.referrals import police_referrals, translation
from reports.domain.triage import labels
from reports.models import AuditEvent, Draft, ReplyTemplate, Tip
from tests.factories import make_user
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import sign_in
from tests.reports.filled import Filled, opened
from tests.reports.handing import make_ready

type Send = Callable[..., Tip]
type Named = dict[str, object]  # what addresses name
type Unlock = Callable[[Client], None]

SENTENCE = "Tips including ones like yours helped lead to the search of twelve homes."
TYPED = "zzmark: half a sentence"
CALL = {"whom": "somebody", "when": "noon", "ground": "child", "danger": "a child"}


class Act(NamedTuple):
    """A button, by the end of its address; what it is given; the boxes whose names begin so are used up by it."""

    button: str
    given: dict[str, str] = {}
    uses: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """A page where members type: its address, some of its boxes, and its acts; those "in vain" are refused."""

    path: str
    boxes: set[str]
    acts: dict[str, Act]


SHEETS = {
    "tip": Sheet(
        "tip/{tip}/change/",
        {"save-note", "write-text", "wording-text", "translate-text", "call-whom", "reveal-reason"},
        {
            "save": Act("/save/", {"save-note": "A note."}, ("save-",)),
            "save in vain": Act(
                "/save/", {"save-assignee": "999999"}, ("save-note", "save-assignee")
            ),
            "write": Act("/write/", {"write-text": "when do they come?"}, ("write-",)),
            "write in vain": Act("/write/", {"write-text": ""}, ("write-text",)),
            "begin with a reply": Act("/write/start/", {"write-reply": "{reply}"}, ("write-",)),
            "wording": Act("/wording/", {"wording-text": "a van was seen."}, ("wording-",)),
            "translate": Act("/translate/", {"translate-text": "a grey van."}, ("translate-",)),
            "translate in vain": Act("/translate/", {"translate-text": TYPED * 900}),
            "start from it": Act("/wording/start/"),
            "call": Act("/call/", {f"call-{name}": one for name, one in CALL.items()}, ("call-",)),
            "call in vain": Act("/call/", {"call-when": ""}),
            "acknowledge": Act("/acknowledge/"),
            "reveal": Act("/reveal/", {"reveal-reason": "asked"}, ("reveal-",)),
            "recuse": Act("/recuse/"),
            "draft a referral": Act("/draft/tip/{tip}/"),
        },
    ),
    "enquiry": Sheet(
        "enquiry/{enquiry}/change/",
        {"codename", "text", "article", "sentence"},
        {
            "summarise": Act("/summarise/", {"text": "grey owl"}, ("text",)),
            "rename": Act("/rename/", {"codename": "grey owl"}, ("codename",)),
            "rename in vain": Act("/rename/", {"codename": "QZ99"}),
            "propose in vain": Act("/propose/", {"sentence": TYPED}),
            "move": Act("/move/"),
        },
    ),
    "referral": Sheet(
        "referral/{referral}/change/",
        {"ground", "danger"},
        {"ground in vain": Act("/ground/", {"danger": TYPED * 500}), "stay": Act("/stay/")},
    ),
    "recusal": Sheet(
        "tip/{tip}/recuse/", {"reason"}, {"in vain": Act("", {"reason": TYPED * 500})}
    ),
    "call": Sheet(
        "tip/record/", {"channel", "what", "place", "people"}, {"in vain": Act("", {"what": ""})}
    ),
}


@pytest.fixture
def named(send, caseworker, team_lead, keys):
    """Return what addresses name: a desk with something for each act on each page."""
    labels.begin_with_the_usual(by=caseworker)
    tip = send(
        "A grey van.",
        danger="yes",
        contact="details",
        contact_details="07700 900123",
        police="words",
    )
    translation.translate(tip=tip, language="", text="A van.", seen=0, by=caseworker)
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern", summary="What is known.")
    enquiries.link(
        tip=(linked := send("A white van.", police="yes")), enquiry=enquiry, by=caseworker
    )
    make_article("sentenced")
    make_ready(linked, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[linked], by=caseworker, keys=keys)
    reply = ReplyTemplate.objects.order_by("pk").values_list("pk", flat=True).first()
    return {"tip": tip.pk, "enquiry": enquiry.pk, "referral": referral.pk, "reply": reply}


def fill(form, given=None, uses=()):
    """Type this, and something in every box that is not used up; return what has to come back of it.

    A member's own words never come back.
    """
    names = [name for name in form.boxes if not name.startswith((*uses, "write-reply"))]
    for name in names:
        kind = form.boxes[name]
        if kind in ("textarea", "text", "password"):
            form.fields[name] = [TYPED]
        elif kind == "date":
            form.fields[name] = ["2031-01-06"]
        else:
            was = form.fields.get(name, [])
            form.fields[name] = [next(one for one in form.choices[name] if one and [one] != was)]
    form.fields |= {name: [value] for name, value in (given or {}).items()}
    return {name: [""] if name == "passphrase" else form.fields[name] for name in names}


def page_of(client, page, named):
    return opened(client, f"/admin/reports/{SHEETS[page].path.format(**named)}")


def each(page, act):
    """Return a page and an act on it as parameters: whoever waits tries the first two of each page, one in vain."""
    marks = () if act in list(SHEETS[page].acts)[:2] or act == "recuse" else pytest.mark.whole
    return pytest.param(page, act, marks=marks, id=f"{page}-{act}")


@pytest.mark.promise("work")
@pytest.mark.parametrize(
    ("page", "act"), [each(page, act) for page, sheet in SHEETS.items() for act in sheet.acts]
)
def test_every_act_leaves_what_stands_in_the_other_boxes(unlocked, named, page, act):
    """Every act on a tip's page leaves what is typed in the other boxes."""
    page_of(unlocked, page, named)  # opens what is sealed
    form, (button, given, uses) = page_of(unlocked, page, named), SHEETS[page].acts[act]
    assert SHEETS[page].boxes <= set(form.boxes)
    typed = fill(form, {name: value.format(**named) for name, value in given.items()}, uses)
    answer = form.press(unlocked, form.button(button.format(**named)))
    again = page_of(unlocked, page, named)
    for shown in (again, *([Filled(answer.text)] if "in vain" in act else [])):
        assert {name: shown.fields.get(name, []) for name in typed} == typed
    again.press(unlocked, again.button("/discard/"))
    assert not Draft.objects.exists()


@pytest.mark.parametrize("page", SHEETS)
def test_a_locked_desk_does_nothing_and_shows_what_was_typed_once_it_is_unlocked(
    unlocked, named, unlock, page
):
    page_of(unlocked, page, named)
    form, act = page_of(unlocked, page, named), next(iter(SHEETS[page].acts.values()))
    typed = fill(form)
    unlocked.post("/admin/lock/")
    before = AuditEvent.objects.count()
    if page == "call":  # which is recorded on a locked desk too
        assert form.keep(unlocked) == 204
    else:
        form.press(unlocked, form.button(act.button))
    assert AuditEvent.objects.count() == before
    locked = page_of(unlocked, page, named)
    assert TYPED not in unlocked.get(locked.address).text
    assert (
        "We kept something that you typed here and did not save"
        in unlocked.get(locked.address).text
    )
    unlock(unlocked)
    assert page_of(unlocked, page, named).fields.items() >= typed.items()


def test_what_was_typed_in_a_box_that_is_gone_is_shown_beside(unlocked, named):
    form = page_of(unlocked, "referral", named)
    form.fields["danger"] = [TYPED]
    form.press(unlocked, form.button("/withdraw/"))
    again = page_of(unlocked, "referral", named)
    assert "danger" not in again.boxes
    assert TYPED in unlocked.get(again.address).text


@pytest.mark.parametrize("act", ["/admin/lock/", "/admin/logout/"])
def test_the_headers_buttons_keep_what_is_typed(named, unlocked, unlock, act):
    form = page_of(unlocked, "enquiry", named)
    form.fields["text"] = [TYPED]
    assert "We kept what you typed as a draft" in form.press(unlocked, form.button(act)).text
    again = sign_in(User.objects.get(username="olu"))
    unlock(again)
    assert page_of(again, "enquiry", named).fields["text"] == [TYPED]
    assert opened(again, "/admin/").buttons == []  # a page without a form has the header's own


WRITING_ON = {
    "tip": "You were writing on {reference}",
    "enquiry": "You were writing on quiet lantern",
    "call": "You were writing on a tip from a call",
}


@pytest.mark.parametrize("page", SHEETS)
def test_what_was_being_written_is_named_on_the_first_screen_and_leads_back(
    unlocked, named, unlock, page
):
    tip = Tip.objects.get(pk=str(named["tip"]))
    page_of(unlocked, page, named)
    form = page_of(unlocked, page, named)
    fill(form)
    form.press(unlocked, form.button("/admin/lock/"))
    link = f'<a href="{form.address}">'
    sentence = WRITING_ON.get(page, "You were writing on ").format(reference=tip.reference)
    for _desk in ("locked", "unlocked"):
        home = unlocked.get("/admin/").text
        assert link + sentence in home
        assert TYPED not in home
        unlock(unlocked)
    again = page_of(unlocked, page, named)
    again.press(unlocked, again.button("/discard/"))
    assert "You were writing" not in unlocked.get("/admin/").text


def test_the_first_screen_lists_all_drafts_newest_first_and_folds_more_than_eight(
    unlocked, named, unlock, send
):
    oldest = page_of(unlocked, "enquiry", named).address
    addresses = [f"/admin/reports/tip/{send().pk}/change/" for _ in range(9)]
    for address in [oldest, *addresses]:
        (form := opened(unlocked, address)).fields[
            "text" if "enquiry" in address else "save-note"
        ] = [TYPED]
        assert form.keep(unlocked) == 204
    Draft.objects.filter(tip=None).update(
        day="2026-01-05"
    )  # the only thing that a locked desk knows
    home = unlocked.get("/admin/").text
    assert '<details class="calm-note">' in home
    assert re.findall(r'<p><a href="([^"]+)">You were', home) == [*addresses[::-1], oldest]
    unlocked.post("/admin/lock/")
    assert f'<p><a href="{oldest}">' in unlocked.get("/admin/").text


def test_unlocking_to_read_on_leads_back_to_a_half_written_note(unlocked, named, passphrase):
    page_of(unlocked, "tip", named)
    form, tip = page_of(unlocked, "tip", named), Tip.objects.get(pk=str(named["tip"]))
    form.fields["save-note"] = [TYPED]
    form.press(unlocked, form.button("/admin/lock/"))
    assert "writing a note" not in unlocked.get("/admin/").text, (
        "a locked desk does not say what it is"
    )
    back = f'<a href="{form.address}">You were writing a note on {tip.reference}</a>'
    for target, times in ((form.address, 0), ("/admin/", 1), ("/admin/reports/enquiry/", 1)):
        sent = {"passphrase": passphrase, "next": target}
        assert unlocked.post("/admin/unlock/", sent, follow=True).text.count(back) == times, target
        unlocked.post("/admin/lock/")
        unlocked.get("/admin/")


def test_what_waits_for_the_six_words_is_a_draft_until_they_are_accepted(
    unlocked, named, passphrase
):
    form, typed = page_of(unlocked, "enquiry", named), {"text": [TYPED], "sentence": [SENTENCE]}
    form.fields |= typed | {"article": form.choices["article"][-1:]}
    button = form.button("/propose/")
    asked = form.press(unlocked, button).text
    assert "If you cancel, we keep what you typed as a draft." in asked
    on = dict(
        re.findall(r'<input type="hidden" name="(draft|article|sentence)" value="([^"]*)"', asked)
    )
    for words in (None, "wrong words"):
        if words:
            assert (
                "There are six words."
                in unlocked.post(button["formaction"], on | {"passphrase": words}).text
            )
        again = page_of(unlocked, "enquiry", named)
        assert again.fields.items() >= typed.items()
        assert again.fields["article"] == form.fields["article"]
        assert "Another draft" not in unlocked.get(form.address).text
    unlocked.post(button["formaction"], on | {"passphrase": passphrase})
    again = page_of(unlocked, "enquiry", named)
    assert (again.fields["text"], SENTENCE in again.fields["sentence"][0]) == ([TYPED], False)
    assert Draft.objects.count() == 1


def test_a_member_without_a_key_is_told_and_shown_what_they_typed(named):
    client = sign_in(make_user("nia", "Caseworker"))
    form = page_of(client, "enquiry", named)
    assert "we cannot keep a draft" in client.get(form.address).text
    assert "disabled" in form.buttons[0]  # so that Enter sends nothing
    form.fields["text"] = [TYPED]
    page = form.press(client, form.button("/summarise/"))
    assert "you have no key yet" in page.text
    assert Filled(page.text).fields["text"] == [TYPED]
    assert not Draft.objects.exists()
