"""On every page of the desk where a member types: each box outlives each act on that page, without scripts."""

from collections.abc import Callable
from typing import cast

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.domain import enquiries
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.triage import labels
from reports.models import AuditEvent, Draft, Enquiry, Pack, ReplyTemplate, Signature, Tip
from tests.factories import make_user
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import sign_in
from tests.reports.filled import Filled, opened
from tests.reports.handing import keyholder, make_ready, signed

type Send = Callable[..., Tip]

TYPED = "zzmark: half a sentence"


@pytest.fixture
def enquiry(officer: User, lead: User, send: Send) -> Enquiry:
    """Return an enquiry with something for each act: a tip, a story, and somebody to put on it."""
    found = enquiries.begin(by=officer, codename="quiet lantern", summary="What is known.")
    enquiries.link(tip=send(), enquiry=found, by=officer)
    make_article("sentenced")
    return found


def fill(form: Filled, names: list[str]) -> dict[str, list[str]]:
    """Type or choose something in these boxes; return what stands in them now."""
    for name in names:
        kind, was = form.boxes[name], form.fields.get(name, [])
        if kind in ("textarea", "text"):
            form.fields[name] = [TYPED]
        else:
            form.fields[name] = [next(one for one in form.choices[name] if one and [one] != was)]
    return {name: form.fields[name] for name in names}


ENQUIRY_BOXES = {"codename", "text", "tip", "member", "article"}
ENQUIRY_ACTS = {"rename", "summarise", "link", "join", "tell", "move", "unlink"}
USES = {
    "rename": "codename", "summarise": "text", "link": "tip", "join": "member", "tell": "article",
}  # fmt: skip


@pytest.mark.parametrize("act", sorted(ENQUIRY_ACTS | {"stay"}))
def test_each_box_of_an_enquiry_outlives_each_act(unlocked: Client, enquiry: Enquiry, act: str) -> None:
    address = f"/admin/reports/enquiry/{enquiry.pk}/change/"
    form = opened(unlocked, address)
    assert set(form.boxes) >= ENQUIRY_BOXES  # none is left out of the matrix
    typed = fill(form, sorted(ENQUIRY_BOXES - {USES.get(act)}))
    if act in ("rename", "summarise"):
        form.fields[USES[act]] = ["grey owl"]
    page = form.press(unlocked, form.button(f"/{act}/"))
    again = opened(unlocked, address)
    assert {name: again.fields[name] for name in typed} == typed, page.text
    assert "stands in its box again" in unlocked.get(address).text
    again.press(unlocked, again.button("/discard/"))
    assert not Draft.objects.exists()
    assert TYPED not in unlocked.get(address).text


@pytest.fixture
def pair(send: Send, officer: User, keys: Keys) -> tuple[Tip, Tip, Tip]:
    """Return three tips that name the same car, opened, the first part of an enquiry."""
    tips = tuple(send(f"AB12 CDE, {number}.") for number in range(3))
    opening.open_new(by=officer, keys=keys)
    enquiries.begin_with(tip=tips[0], codename="quiet lantern", by=officer)
    return cast("tuple[Tip, Tip, Tip]", tips)


@pytest.mark.parametrize("act", ["relate", "link", "stay", "refused"])
def test_each_reason_about_related_tips_outlives_each_act(
    unlocked: Client, pair: tuple[Tip, Tip, Tip], act: str
) -> None:
    tip, other, third = pair
    address = f"/admin/reports/tip/{tip.pk}/related/"
    form = opened(unlocked, address)
    assert set(form.boxes) == {f"{other.reference}-reason", f"{third.reference}-reason"}
    typed = fill(form, [f"{third.reference}-reason"])
    if act == "refused":
        button = form.button("/relate/", "independent")
        button["name"] = f"{other.reference}-verdict"
    else:
        button = form.button(f"/{act}/", "dismissed" if act == "relate" else "")
        button["name"] = button.get("name", "").replace(third.reference, other.reference)
    page = Filled(form.press(unlocked, button).text)
    assert {name: page.fields[name] for name in typed} == typed
    again = opened(unlocked, address)
    assert {name: again.fields[name] for name in typed} == typed
    again.press(unlocked, again.button("/discard/"))
    assert not Draft.objects.exists()


# Pages of one form: the address, some of its boxes, and what is refused there.
ONE_FORM: dict[str, tuple[str, set[str], dict[str, list[str]]]] = {
    "new enquiry": ("enquiry/begin/", {"codename", "text"}, {"codename": ["QZ99"]}),
    "outcome": ("outcome/propose/{enquiry}/", {"story", "sentence"}, {"story": [""]}),
    "recusal": ("tip/{tip}/recuse/", {"reason"}, {"reason": [TYPED * 500]}),
    "call": ("tip/record/", {"channel", "what", "kind", "place", "people", "dangers"}, {"channel": []}),
}


def without_words(typed: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what comes back of what was typed: all of it but a member's words, whose box is empty."""
    return typed | ({"phrase": [""]} if "phrase" in typed else {})


@pytest.mark.parametrize("page", ONE_FORM)
def test_what_is_typed_on_a_page_of_one_form_waits_until_the_desk_is_unlocked(
    unlocked: Client, enquiry: Enquiry, unlock: Callable[[Client], None], page: str
) -> None:
    path, boxes, _refused = ONE_FORM[page]
    address = f"/admin/reports/{path.format(enquiry=enquiry.pk, tip=Tip.objects.get().pk)}"
    form = opened(unlocked, address)
    assert boxes <= set(form.boxes)
    typed = fill(form, sorted(form.boxes))
    assert form.keep(unlocked) == 204
    unlocked.post("/admin/lock/")
    locked = unlocked.get(address).text
    assert TYPED not in locked
    assert "did not save is kept" in locked
    unlock(unlocked)
    again = opened(unlocked, address)
    assert {name: again.fields[name] for name in typed} == without_words(typed)


@pytest.mark.parametrize("page", ONE_FORM)
def test_what_is_refused_on_a_page_of_one_form_is_kept(unlocked: Client, enquiry: Enquiry, page: str) -> None:
    path, _boxes, refused = ONE_FORM[page]
    address = f"/admin/reports/{path.format(enquiry=enquiry.pk, tip=Tip.objects.get().pk)}"
    form = opened(unlocked, address)
    typed = fill(form, sorted(form.boxes)) | refused
    form.fields |= refused
    answer = form.press(unlocked, form.button(""))
    assert answer.redirect_chain == []
    again = opened(unlocked, address)
    for shown in (Filled(answer.text), again):
        assert {name: shown.fields.get(name, []) for name in typed} == without_words(typed)
    again.press(unlocked, again.button("/discard/"))
    assert not Draft.objects.exists()


def test_a_draft_goes_once_it_is_saved(unlocked: Client, enquiry: Enquiry) -> None:
    form = opened(unlocked, "/admin/reports/enquiry/begin/")
    fill(form, ["text"])
    assert form.keep(unlocked) == 204
    assert Draft.objects.exists()  # the control
    again = opened(unlocked, "/admin/reports/enquiry/begin/")
    assert again.fields["text"] == [TYPED]
    again.press(unlocked, again.button(""))
    assert Enquiry.objects.count() == 2
    assert not Draft.objects.exists()


@pytest.fixture
def tip(send: Send, officer: User, lead: User) -> Tip:
    """Return a tip whose page offers everything: an alarm, a contact, labels, an enquiry, somebody to give it to."""
    labels.begin_with_the_usual(by=officer)
    enquiries.begin(by=officer, codename="quiet lantern")
    return send("A grey van.", danger="yes", contact="details", contact_details="07700 900123", police="words")


def tip_page(client: Client, tip: Tip) -> Filled:
    return opened(client, f"/admin/reports/tip/{tip.pk}/change/")


# What each act of a tip's page takes, and the boxes that it uses up.
TIP_ACTS: dict[str, tuple[dict[str, str], str]] = {
    "/save/": ({"save-note": "A note."}, "save-"),
    "/write/": ({"write-text": "when do they come?"}, "write-"),
    "/write/start/": ({"write-reply": "{reply}"}, "write-"),
    "/sanitise/": ({"sanitise-text": "a van was seen."}, "sanitise-"),
    "/disclose/": (
        {
            "disclose-to": "children",
            "disclose-whom": "somebody",
            "disclose-when": "noon",
            "disclose-ground": "child",
            "disclose-danger": "a child",
        },
        "disclose-",
    ),
    "/reveal/": ({"reveal-reason": "asked"}, "reveal-"),
    "/acknowledge/": ({}, "-"),
    "/recuse/": ({}, "-"),
    "/draft/tip/{tip}/": ({}, "-"),
}


@pytest.mark.parametrize("act", TIP_ACTS)
def test_each_box_of_a_tips_page_outlives_each_act(unlocked: Client, tip: Tip, act: str) -> None:
    tip_page(unlocked, tip)  # opens it
    form, (given, uses) = tip_page(unlocked, tip), TIP_ACTS[act]
    boxes = set(form.boxes) - {"write-reply"}
    assert {name.partition("-")[0] for name in boxes} == {"write", "sanitise", "disclose", "reveal", "save"}
    typed = fill(form, sorted(name for name in boxes if not name.startswith(uses)))
    reply = ReplyTemplate.objects.order_by("pk").values_list("pk", flat=True).first()
    form.fields |= {name: [value.format(reply=reply)] for name, value in given.items()}
    button = form.button(act.format(tip=tip.pk))
    form.press(unlocked, button)
    again = tip_page(unlocked, tip)
    assert {name: again.fields.get(name) for name in typed} == typed
    assert not [name for name in again.fields if name.startswith(uses) and again.fields[name] == [TYPED]]
    again.press(unlocked, again.button("/discard/"))
    assert not Draft.objects.exists()


@pytest.mark.parametrize("act", [act for act, (given, _uses) in TIP_ACTS.items() if given])
def test_a_locked_desk_keeps_every_box_and_does_nothing(
    unlocked: Client, tip: Tip, unlock: Callable[[Client], None], act: str
) -> None:
    tip_page(unlocked, tip)
    form, (given, _uses) = tip_page(unlocked, tip), TIP_ACTS[act]
    typed = fill(form, sorted(set(form.boxes) - {"write-reply"}))
    typed |= (own := {name: [value] for name, value in given.items() if name != "write-reply"})
    form.fields |= own
    unlocked.post("/admin/lock/")
    before = AuditEvent.objects.count()
    form.press(unlocked, form.button(act))
    assert AuditEvent.objects.count() == before
    locked = tip_page(unlocked, tip)
    assert TYPED not in str(locked.fields)
    unlock(unlocked)
    again = tip_page(unlocked, tip)
    assert {name: again.fields.get(name) for name in typed} == typed


@pytest.fixture
def pack(send: Send, officer: User, lead: User, keys: Keys) -> Pack:
    """Return a pack that two have signed, of a tip with the sender's yes."""
    found = send("A grey van comes to the garages.", police="yes", kind="street", area="olney")
    make_ready(found, by=officer, keys=keys)
    return signed(found, by=officer, second=keyholder(lead), keys=keys)


def pack_page(client: Client, pack: Pack) -> Filled:
    return opened(client, f"/admin/reports/pack/{pack.pk}/change/")


@pytest.mark.parametrize("act", ["/withdraw/", "/stay/", "/danger/", "locked"])
def test_the_danger_of_an_unsent_pack_outlives_each_act(
    unlocked: Client, pack: Pack, unlock: Callable[[Client], None], act: str
) -> None:
    Signature.objects.all().delete()
    Pack.objects.update(state="drafted")
    form = pack_page(unlocked, pack)
    assert set(form.boxes) == {"ground", "danger"}
    form.fields["ground"] = ["life"]
    form.fields["danger"] = [long := TYPED * 500]  # refused where it is saved
    if act == "locked":
        unlocked.post("/admin/lock/")
    form.press(unlocked, form.button("/danger/" if act == "locked" else act))
    if act == "locked":
        assert TYPED not in unlocked.get(form.address).text
        unlock(unlocked)
    if act == "/withdraw/":  # its box is gone, and the text is shown beside
        assert long in unlocked.get(form.address).text
    else:
        again = pack_page(unlocked, pack).fields
        assert (again["ground"], again["danger"]) == (["life"], [long])


@pytest.mark.parametrize("act", ["/export/", "/confirm/", "/stay/"])
@pytest.mark.usefixtures("any_words")
def test_what_the_police_said_of_a_pack_outlives_each_act(unlocked: Client, pack: Pack, act: str) -> None:
    form = pack_page(unlocked, pack)
    form.fields["phrase"] = ["any"]
    assert form.press(unlocked, form.button("/export/")).headers["Content-Disposition"]
    form = pack_page(unlocked, pack)
    assert {"reference", "who", "kind", "partner"} <= set(form.boxes)
    form.fields["reference"] = [TYPED]  # who said so is missing, so confirming is refused
    form.press(unlocked, form.button(act))
    assert pack_page(unlocked, pack).fields["reference"] == [TYPED]


LOCKED = {
    "summary": ("enquiry/{enquiry}/change/", "text", "/summarise/"),
    "new enquiry": ("enquiry/begin/", "text", ""),
}


@pytest.mark.parametrize("page", LOCKED)
def test_a_locked_desk_seals_no_text_and_keeps_it_as_a_draft(
    unlocked: Client, enquiry: Enquiry, unlock: Callable[[Client], None], page: str
) -> None:
    path, box, act = LOCKED[page]
    address = f"/admin/reports/{path.format(enquiry=enquiry.pk, tip=Tip.objects.get().pk)}"
    form = opened(unlocked, address)
    form.fields[box] = [TYPED]
    unlocked.post("/admin/lock/")
    before = AuditEvent.objects.count()
    form.press(unlocked, form.button(act))
    assert AuditEvent.objects.count() == before
    unlock(unlocked)
    again = opened(unlocked, address)
    assert again.fields[box] == [TYPED]
    again.press(unlocked, again.button(act))
    assert AuditEvent.objects.count() > before  # the control
    assert not Draft.objects.exists()


@pytest.mark.parametrize("act", ["/admin/lock/", "/admin/logout/"])
@pytest.mark.parametrize("path", ["enquiry/{enquiry}/change/", "tip/{tip}/change/"])
def test_the_headers_buttons_keep_what_is_typed(
    enquiry: Enquiry, unlocked: Client, unlock: Callable[[Client], None], path: str, act: str
) -> None:
    address = f"/admin/reports/{path.format(enquiry=enquiry.pk, tip=Tip.objects.get().pk)}"
    form = opened(unlocked, address)
    box = "text" if "enquiry" in path else "save-note"
    form.fields[box] = [TYPED]
    done = form.press(unlocked, form.button(act))
    assert "What you typed is kept as a draft" in done.text
    again = sign_in(User.objects.get(username="olu"))
    unlock(again)
    assert opened(again, address).fields[box] == [TYPED]
    assert opened(again, "/admin/").buttons == []  # a page without a form has the header's own


def test_the_headers_way_to_the_words_keeps_what_is_typed(
    enquiry: Enquiry, unlocked: Client, unlock: Callable[[Client], None]
) -> None:
    unlocked.post("/admin/lock/")
    address = f"/admin/reports/enquiry/{enquiry.pk}/change/"
    form = opened(unlocked, address)
    form.fields["text"] = [TYPED]
    asked = form.press(unlocked, form.button("/admin/unlock/"))
    assert "What you typed is kept as a draft" in asked.text
    assert "Type your six words." not in asked.text
    assert f'name="next" value="{address}"' in asked.text
    unlock(unlocked)
    assert opened(unlocked, address).fields["text"] == [TYPED]


def test_nothing_typed_is_nothing_kept_at_the_lock(enquiry: Enquiry, unlocked: Client) -> None:
    form = opened(unlocked, f"/admin/reports/enquiry/{enquiry.pk}/change/")
    assert "What you typed" not in form.press(unlocked, form.button("/admin/lock/")).text


def test_a_member_without_a_key_is_told_and_shown_what_they_typed(enquiry: Enquiry) -> None:
    client, address = sign_in(make_user("nia", "Officer")), f"/admin/reports/enquiry/{enquiry.pk}/change/"
    form = opened(client, address)
    assert "no draft is kept" in client.get(address).text
    assert "disabled" in form.buttons[0]  # so that Enter sends nothing
    form.fields["text"] = [TYPED]
    page = form.press(client, form.button("/summarise/"))
    assert "you have no key to it yet" in page.text
    assert Filled(page.text).fields["text"] == [TYPED]
    assert not Draft.objects.exists()
