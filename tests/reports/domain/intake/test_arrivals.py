"""Envelopes that a public machine leaves in the database, and the desk's machine takes in."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.domain import state_files
from reports.domain.figures import counting
from reports.domain.intake import arrivals, outbox, receiving, unwatched_line
from reports.domain.mailbox import senders_side
from reports.domain.maintenance import notices
from reports.domain.retention import schedule
from reports.domain.storage import database_roles
from reports.domain.tips import opening
from reports.models import Arrival, Entry, FiguresRelease, Node, Notice, Tip
from reports.models.tips import URGENT
from reports.sealing import envelope, receipts
from tests.factories import mails
from tests.reports import forging
from tests.reports.purging import purge

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def public(settings, passphrase, monkeypatch):
    """Be a public machine, until the test says otherwise; its login is not looked at here."""
    settings.SITE_ROLE = "public"
    monkeypatch.setattr(database_roles, "require", lambda: None)
    return settings


def leave(what="A grey van.", token="", **answers):
    """Send a tip to this machine, let it leave it for the desk's, and return its token."""
    receipt = receiving.accept(token=token, answers={"what": what, **answers})
    outbox.drain()
    return receipt.token


def test_a_public_machine_writes_no_tip_and_the_desks_takes_in_what_it_left(public, caseworker):
    token = leave(danger="yes")
    assert (outbox.waiting(), Tip.objects.count(), Arrival.objects.count()) == ([], 0, 1)
    public.SITE_ROLE = "staff"
    assert outbox.drain() == 1
    tip = Tip.objects.get(lookup=receipts.lookup(token))
    assert (tip.urgent, tip.unread, Arrival.objects.count()) == (True, True, 0)


def test_the_mailbox_knows_what_waits_for_the_desk(public):
    first = leave()
    found = senders_side.open_mailbox(token=first)
    assert found is not None, "there is no tip at all to stand in"
    assert found.state == senders_side.WAITING
    public.SITE_ROLE = "staff"
    outbox.drain()
    public.SITE_ROLE = "public"
    second = leave("A blue door.")
    found = senders_side.open_mailbox(token=second)
    assert found is not None
    assert found.state == senders_side.WAITING
    assert senders_side.open_mailbox(token=receipts.new_token()) is None


def test_a_tip_for_which_something_was_left_is_not_due_and_a_purge_takes_that_too(
    public,
):
    token = leave()
    public.SITE_ROLE = "staff"
    outbox.drain()
    Tip.objects.update(status="no_action", unread=False, decided=date(2020, 1, 6))
    public.SITE_ROLE = "public"
    leave("And a blue door.", token)
    public.SITE_ROLE = "staff"
    assert schedule.delete_due(today=timezone.localdate()) == 0
    purge(tip=Tip.objects.get())
    assert (Tip.objects.count(), Arrival.objects.count()) == (0, 0)


@pytest.mark.parametrize("wrong", [{"received": date(1999, 12, 31)}, {"sealed": b"." * 101}])
def test_nothing_can_be_left_that_the_desks_machine_could_not_read(wrong):
    from reports.models import arrivals as models

    facts = {
        "id": "0" * 32,
        "lookup": "a",
        "tag": "b",
        "received": date(2026, 1, 1),
        "key_index": 1,
        "sealed": b".",
    }
    if "sealed" in wrong:
        wrong = {"sealed": b"." * (models.MOST_BYTES + 1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrival.objects.create(**facts | wrong)
    Arrival.objects.create(**facts)


def test_a_public_machine_closes_the_line_by_the_day_that_the_desks_tells(public):
    leave()
    now = timezone.now()
    assert unwatched_line.state(now=now) == "open"
    later = now + timedelta(days=5)
    assert unwatched_line.state(now=later) == "unwatched", (
        "what the desk's machine never took in was never read"
    )
    node = Node.objects.create(
        pk="a", name="desk", key_index=1, since=now, seen_at=now, read_on=later.date()
    )
    assert unwatched_line.state(now=later) == "open"
    node.delete()
    assert unwatched_line.state(now=now + timedelta(days=15)) == "closed"


@pytest.mark.parametrize("days", [-60, -4, 4, 9_000])
def test_a_day_far_off_that_a_public_machine_names_becomes_today(public, caseworker, keys, days):
    public.SITE_ROLE = "staff"
    today = timezone.localdate()
    lookups = [receipts.lookup(receipts.new_token()) for _number in range(2)]
    forging.leave(lookups[0], day=today + timedelta(days=days), kind="tip", answers={"what": "x"})
    forging.leave(lookups[1], day=today - timedelta(days=3), kind="tip", answers={"what": "x"})
    outbox.drain()
    days_of = dict(Tip.objects.values_list("lookup", "received"))
    assert [days_of[lookup] for lookup in lookups] == [today, today - timedelta(days=3)]
    assert Entry.objects.get(tip__lookup=lookups[0]).received == today
    assert unwatched_line.state(now=timezone.now()) == "open"
    counting.release_due(today=today)
    assert not FiguresRelease.objects.exists()


def test_what_was_left_closes_the_line_only_while_the_desks_machine_is_silent(public, passphrase):
    now = timezone.now()
    old = timezone.localdate() - timedelta(days=60)
    forging.leave(receipts.lookup(receipts.new_token()), day=old, kind="tip", answers={"what": "x"})
    facts = {"name": "desk", "key_index": 1, "since": now, "seen_at": now}
    Node.objects.create(pk="a", **facts)
    assert unwatched_line.state(now=now) == "closed", (
        "another public machine, which lives, takes in nothing"
    )
    desks = Node.objects.create(
        pk=state_files.node_id(), **facts, read_on=timezone.localdate() - timedelta(days=90)
    )
    for role in ("public", "staff"):
        public.SITE_ROLE = role
        Node.objects.update(seen_at=now)
        assert unwatched_line.state(now=now) == "open"
        Node.objects.filter(pk=desks.pk).update(seen_at=now - timedelta(days=1, minutes=1))
        assert unwatched_line.state(now=now) == "closed"


@pytest.mark.parametrize(
    "content",
    [{}, {"answers": {}}, {"kind": "tip", "answers": "x"}, {"kind": "tip", "reply_to": ["x"]}],
)
def test_what_our_form_cannot_have_made_stays_closed_and_stops_no_other(
    public, caseworker, keys, content
):
    token = leave()
    forging.leave(receipts.lookup(token), **content)
    public.SITE_ROLE = "staff"
    outbox.drain()
    assert opening.open_new(by=caseworker, keys=keys) == 1
    reading = opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
    assert sorted(arrival.kind for arrival in reading.entries) == ["broken", "tip"]
    assert Entry.objects.filter(broken=True, opened=False).count() == 1


@pytest.fixture
def taken(public, caseworker):
    """Return the token of a calm tip that the desk has opened, marked as spam, and that a member has taken."""
    token = leave("A grey van.")
    public.SITE_ROLE = "staff"
    outbox.drain()
    facts = {
        "urgent": True,
        "acknowledged_at": timezone.now(),
        "acknowledged_by": "olu",
        "status": "spam",
    }
    Tip.objects.update(unread=False, **facts)
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    return token


def mark():
    """Return what an urgent follow-up changes of the only tip."""
    return Tip.objects.values_list("urgent", "acknowledged_by", "status", "rank").get()


def rings():
    """Return whether the duty keyholder is called at the next quarter hour."""
    return mails(notices.send_due, now=arrivals.next_quarter(timezone.now())) > 0


def forge(token, **answers):
    """Leave, as who took over a public machine could, what anybody can seal: a follow-up from another reader."""
    receiving.accept(token=(other := receipts.new_token()), answers={"what": "Lies.", **answers})
    (name,) = outbox.waiting()
    forged = outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes())
    (outbox.folder() / name).unlink()
    content = {
        "kind": "tip",
        "answers": answers,
        "reply_to": receipts.tipster_recipient(other),
        "suspect": [],
    }
    bound = {
        "id": forged.id,
        "lookup": receipts.lookup(token),
        "tag": forged.tag,
        "key": forged.key,
    }
    sealed = envelope.seal(
        envelope.Bundle(bound=bound, content=content),
        recipients=[state_files.public_key().recipient],
    )
    row = forged.to_arrival()
    row.lookup, row.urgent, row.sealed = receipts.lookup(token), True, sealed
    row.save()


def test_an_urgent_follow_up_from_a_public_machine_key_files_before_anybody_unlocks(
    public, taken, caseworker, keys
):
    before = mark()
    public.SITE_ROLE = "public"
    leave("Now he has a knife.", taken, danger="yes")
    public.SITE_ROLE = "staff"
    assert outbox.drain() == 1
    assert mark() == before
    assert rings()
    opening.open_new(by=caseworker, keys=keys)
    assert mark()[:2] == (True, "")
    assert rings() is False, "it has rung at this quarter hour"
    assert mark() == (True, "", "reading", URGENT)
    assert Tip.objects.get().unread


@pytest.mark.parametrize("how", ["garbage", "calm"])
def test_whoever_took_over_a_public_machine_cannot_mark_tips_urgent(
    public, taken, caseworker, keys, how
):
    opening.open_new(by=caseworker, keys=keys)
    before = mark()
    if how == "garbage":
        facts = {
            "tag": uuid.uuid4().hex,
            "received": timezone.localdate(),
            "key_index": 1,
            "sealed": b"x",
            "urgent": True,
        }
        Arrival.objects.create(id=uuid.uuid4(), lookup=receipts.lookup(taken), **facts)
    else:
        forge(taken)
    assert outbox.drain() == 1
    assert mark() == before
    assert rings(), "until it is opened it may be true"
    Notice.objects.all().delete()
    opening.open_new(by=caseworker, keys=keys)
    assert mark() == before
    assert rings() is False


def test_danger_rings_whichever_holder_says_it(public, taken, caseworker, keys):
    opening.open_new(by=caseworker, keys=keys)
    forge(taken, danger="yes")
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    assert mark()[:2] == (True, ""), "a false alarm costs a look, a silent one can cost a life"


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "tip", "answers": {"what": "A van."}, "suspect": [["x"]]},
        {"kind": "tip", "answers": {"what": "A van.", "kind": "street\0"}},
        {"kind": "reply", "answers": {"contact": ["x"]}},
        {"kind": "broken", "answers": {"contact_details": "07700 900999"}},
    ],
)
def test_content_that_no_page_of_ours_makes_stays_closed_and_stops_nobody(
    taken, caseworker, keys, content
):
    forging.leave(receipts.lookup(taken), **content)
    forging.leave("ab" * 32, **content)
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get(lookup=receipts.lookup(taken))
    assert [part.kind for part in opening.read(tip=tip, by=caseworker, keys=keys).entries] == [
        "tip",
        "broken",
    ]


def test_ids_of_other_entries_use_up_no_position(taken, caseworker, keys):
    own = receipts.new_token()
    receiving.accept(token=own, answers={"what": "Mine."})
    outbox.drain()
    forging.leave(receipts.lookup(taken), kind="tip", answers={"what": "x"})
    stolen = Entry.objects.get(tip__lookup=receipts.lookup(own)).pk
    Arrival.objects.update(id=stolen)
    outbox.drain()
    receiving.reply(token=taken, text="Please don't.", after=0)
    outbox.drain()
    positions = Entry.objects.filter(tip__lookup=receipts.lookup(taken)).values_list(
        "position", flat=True
    )
    assert list(positions) == [1, 2]


def test_an_arrival_without_a_name_of_an_entry_is_dropped(taken):
    forging.leave("", kind="tip", answers={"what": "x"})
    outbox.drain()
    assert (Arrival.objects.count(), Tip.objects.filter(lookup="").count()) == (0, 0)
