"""At every address of the desk: nobody without a key sees a word, and nobody sees one that is not on the record."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from reports.admin import roles
from reports.domain import enquiries, handover, intake, retention, search, triage
from reports.domain.handover import packs, urgent_calls
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.people.roles import ROLES
from reports.domain.tips import recusal
from reports.domain.triage import relations, safety
from reports.models import AuditEvent, Member, Tip
from reports.sealing import receipts
from tests.conftest import CHEAP, make_user
from tests.reports.admin.conftest import sign_in, undone
from tests.reports.admin.test_roles import Samples, answers, gets_in, where
from tests.reports.handing import make_ready
from tests.reports.unrecorded import record_broken

pytestmark = pytest.mark.long

QUOTE = "A zzmark-tip van calls at the garages every night at nine."
NAMES = "tip beside contact picture note message summary ours danger call relation safety hold recusal search"
MARKS = tuple(f"zzmark-{name}".encode() for name in NAMES.split())
READING = {"read", "glimpsed", "read-picture", "revealed", "read-reason", "read-summary", "read-search", "read-pack"}


class Desk(NamedTuple):
    """A desk on which each kind of sealed text holds a mark of its own; `tip` and `beside` are related."""

    tip: Tip
    beside: Tip
    samples: Samples
    typed: dict[str, Any]  # what every POST sends


@pytest.fixture
def boss(officer: User, lead: User, phrase: str) -> User:
    """Return the one keyholder of the desk that may do everything; the lead holds a key as well."""
    officer.groups.set(Group.objects.filter(name="Lead"))
    keyholders.enrol(user=lead, costs=CHEAP)
    Member.objects.filter(user=lead).update(granted=timezone.localdate())
    return User.objects.get(pk=officer.pk)


@pytest.fixture
def desk(boss: User, lead: User, keys: Keys) -> Desk:
    """Return such a desk."""
    beside = _send("The zzmark-beside man has a van, AB12 CDE.")
    tip = _send(QUOTE, vehicles="AB12 CDE", contact_details="zzmark-contact", police="words", picture=True)
    make_ready(tip, by=boss, keys=keys, text=f"zzmark-ours. {QUOTE}")
    triage.note(tip=tip, text="zzmark-note", by=boss)
    messages.write(tip=tip, text="zzmark-message?", question=True, by=boss, keys=keys)
    call = {"whom": "zzmark-call", "when": "now", "reference": "", "ground": "life", "danger": "Yes."}
    urgent_calls.record(tip=tip, to="999", **call, by=lead)
    relations.judge(tip=tip, other=beside, verdict="related", reason="zzmark-relation", by=lead)
    safety.add(tip=tip, kind="closed", choice="none", text="zzmark-safety", by=lead)
    retention.hold(tip=tip, by=lead, reason="zzmark-hold")
    recusal.recuse(tip=_send("Another."), by=lead, reason="zzmark-recusal")
    enquiry = enquiries.begin(by=boss, summary="zzmark-summary")
    for one in (tip, beside):
        enquiries.link(tip=one, enquiry=enquiry, by=boss)
    pack = handover.draft(tips=[tip], by=boss)
    handover.name_danger(pack=pack, ground="life", reason="zzmark-danger", by=boss)
    search.search(words="zzmark-search", by=boss, keys=keys)
    photo = tip.entries.order_by("position").last()
    assert photo is not None
    samples: Samples = {"tip": tip.pk, "entry": photo.pk, "user": boss.pk, "enquiry": enquiry.pk}
    for model in admin.site._registry:
        row = tip if model is Tip else model._default_manager.first()
        samples[f"{model._meta.app_label}/{model._meta.model_name}/"] = row.pk if row else 0
    seen = packs.content(pack=pack, keys=keys).digest
    typed = {
        "words": "van",
        "reason": "danger",
        "reveal-reason": "danger",
        "kind": "json",
        "seen": seen,
        "text": "AB12 CDE",
        "to": "reading",
    }
    return Desk(tip, beside, samples, typed | {"other": beside.reference, "verdict": "related", "do": "move"})


def _send(what: str, *, picture: bool = False, **more: Any) -> Tip:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": what, **more})
    outbox.drain()
    if picture:
        intake.send_photos(token=token, pictures=[b"zzmark-picture"])
        outbox.drain()
    return Tip.objects.get(lookup=receipts.lookup(token))


def shown(
    client: Client, desk: Desk, *names: bytes, walked: Desk | None = None
) -> Iterator[tuple[str, set[bytes], set[str]]]:
    """Yield for each request that shows a mark, or one of these names, what it is called, these, and what it recorded.

    Whatever a request does is undone. Addresses that are the same as in a desk that was walked before are left out.
    """
    client.raise_request_exception = False
    for address in roles.addresses():
        url = where(address, desk.samples)
        for method in roles.BOTH if walked is None or url != where(address, walked.samples) else ():
            before = AuditEvent.objects.count()
            with undone(client):
                response = client.get(url) if method == "GET" else client.post(url, desk.typed)
                acts = set(AuditEvent.objects.filter(seq__gt=before).values_list("act", flat=True))
            if found := {mark for mark in (*MARKS, *names) if mark in response.content}:
                yield f"{method} {address.name}", found, acts


@pytest.fixture
def unlocked(boss: User, phrase: str) -> Client:
    """Return the boss's browser, with an unlocked desk."""
    client = sign_in(boss)
    assert client.post("/admin/unlock/", {"phrase": phrase}).status_code == 302
    return client


@pytest.mark.parametrize(
    "has", [tuple(ROLES), *(pytest.param((role,), marks=pytest.mark.whole) for role in ROLES)], ids=str
)
def test_who_has_no_grant_sees_no_word_at_any_address(has: tuple[str, ...], desk: Desk) -> None:
    user = make_user("memba", *has)
    keyholders.enrol(user=user, costs=CHEAP)  # a key of their own, which nobody has let in
    assert list(shown(sign_in(user), desk)) == []


def test_a_locked_desk_shows_no_word_at_any_address(boss: User, desk: Desk) -> None:
    """The member has every right and a key; only their words were not typed in this session."""
    assert list(shown(sign_in(boss), desk)) == []


def test_who_is_switched_off_is_nobody_at_every_address(unlocked: Client, desk: Desk, boss: User) -> None:
    """However far they had got: the session that was signed in and unlocked leads nowhere from that moment on."""
    assert gets_in(unlocked, "/admin/search/", "GET")  # the control
    User.objects.filter(pk=boss.pk).update(is_active=False)
    assert list(shown(unlocked, desk)) == []
    let_in = [line for line in answers(unlocked, None, desk.samples) if "/admin/logout/" not in line]
    assert let_in == []


def test_no_word_is_shown_at_any_address_that_is_not_on_the_record(unlocked: Client, desk: Desk) -> None:
    found = list(shown(unlocked, desk))
    assert set().union(*(marks for _, marks, _ in found)) == set(MARKS)  # the control: each is shown somewhere
    assert [name for name, _, acts in found if not acts & READING] == []
    with record_broken():
        assert list(shown(unlocked, desk)) == []


def test_who_knows_somebody_finds_no_word_of_it_at_any_address(
    unlocked: Client, desk: Desk, boss: User, lead: User
) -> None:
    names = [tip.reference.encode() for tip in (desk.tip, desk.beside)]
    hidden = {*MARKS, *names} - {b"zzmark-recusal", b"zzmark-search"}  # which are of other tips, and of none
    before = set().union(*(marks for _, marks, _ in shown(unlocked, desk, *names)))
    assert hidden <= before  # the control
    recusal.recuse(tip=desk.beside, by=boss, reason="My cousin.")
    beside = desk._replace(samples={**desk.samples, "tip": desk.beside.pk, "reports/tip/": desk.beside.pk})
    found = [*shown(unlocked, desk, *names), *shown(unlocked, beside, *names, walked=desk)]
    assert [(name, marks & hidden) for name, marks, _ in found if marks & hidden] == []
