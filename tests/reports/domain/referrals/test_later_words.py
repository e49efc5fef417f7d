"""What a sender writes after our wording, or what still waits, lets nothing leave until a member has read it."""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from reports.domain.audit import staleness
from reports.domain.errors import EditConflict, Refused
from reports.domain.intake import outbox, receiving
from reports.domain.referrals import contents, departure, own_words, police_referrals
from reports.domain.tips import opening
from reports.graphics import pdf
from reports.models import Approval, Arrival, AuditEvent, Entry, Referral, Wording
from reports.sealing import receipts
from tests.factories import shown
from tests.reports import forging, handing, telling
from tests.reports.handing import approve, approved, draft_again, make_ready, newest_keys, rewrite

TEXT, TAKEN_BACK = (
    "A grey van comes to the garages every night at nine.",
    "PLEASE do not tell the police any of this.",
)
WROTE_AGAIN = (
    "The sender wrote again. Read it on the tip’s page, and say there whether our wording holds."
)
WAITS = "Something else from this sender has come and cannot be read yet. Try again in a minute."

type Act = Callable[..., Any]


@pytest.fixture
def token():
    return receipts.new_token()


@pytest.fixture
def tip(token, caseworker, keys):
    """Return a tip that is ready to be handed over, and whose words the test holds."""
    return ready(token, by=caseworker, keys=keys)


@pytest.fixture
def referral(tip, caseworker, second, keys):
    return approved(tip, by=caseworker, second=second, keys=keys)


@pytest.fixture
def export(caseworker, keys):
    return partial(handing.export, by=caseworker, keys=keys)


@pytest.fixture
def later(caseworker, keys):
    """Return a function with what the page of a tip gives to whoever has read it."""

    def facts(tip, by=caseworker):
        opening.read(tip=tip, by=by, keys=keys)
        return {
            "tip": tip,
            "position": tip.entries.count(),
            "seen": staleness.now(),
            "by": by,
            "keys": keys,
        }

    return facts


def ready(token, *, by, keys, police="yes"):
    tip = telling.tell(TEXT, token=token, police=police, kind="street", area="olney")
    make_ready(tip, by=by, keys=keys)
    return tip


def wrote_again(token, text=TAKEN_BACK):
    telling.reply(token=token, text=text, after=0)


def leave(token, **answers):
    """Leave a text as a public machine does, in the database."""
    told = {
        "answers": {"what": TAKEN_BACK, **answers},
        "reply_to": receipts.tipster_recipient(token),
    }
    forging.leave(receipts.lookup(token), kind="tip", **told)


def left():
    return AuditEvent.objects.filter(act="exported", subject__startswith="H-").count()


@pytest.mark.promise("police")
def test_what_the_sender_wrote_later_stops_approval_and_export_until_it_is_read(
    *,
    token,
    tip,
    referral,
    caseworker,
    second,
    keys,
    export,
    later,
):
    """What a sender wrote after our wording lets nothing leave until a member has read it and both have approved
    again.
    """
    before = contents.content(referral=referral, keys=keys)
    wrote_again(token)
    content = contents.content(referral=referral, keys=keys)
    assert (content.digest, content.hindrances) == (
        before.digest,
        [f"{tip.reference}: {WROTE_AGAIN}"],
    )
    assert content.warnings == [f"{tip.reference}: The sender wrote again after this was approved."]
    other = draft_again(tips=[tip], by=caseworker)
    for act in (lambda: export(referral), lambda: approve(other, by=caseworker, keys=keys)):
        with pytest.raises(Refused, match="The sender wrote again"):
            act()
    own_words.still_holds(**later(tip))
    assert Referral.objects.get(pk=referral.pk).status == "drafted", "both approve again"
    for by in (caseworker, second):
        approve(referral, by=by, keys=keys)
    content = contents.content(referral=referral, keys=keys)
    assert (content.document, content.hindrances, content.warnings) == (before.document, [], [])
    assert content.digest != before.digest
    assert json.loads(export(referral).data)["content"] == before.document
    events = AuditEvent.objects.filter(act="wording-holds", subject=tip.reference)
    assert [(event.actor, event.detail) for event in events] == [("olu", {"version": 2})]


def test_what_came_after_the_page_was_drawn_is_later_than_its_wording(token, tip, caseworker, keys):
    wrote_again(token)
    rewrite(tip, by=caseworker, keys=keys, position=1)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    assert contents.content(referral=referral, keys=keys).hindrances == [
        f"{tip.reference}: {WROTE_AGAIN}"
    ]
    rewrite(tip, by=caseworker, keys=keys, position=99)
    assert own_words.latest(tip=tip, keys=keys).position == 2, "nobody has read what has not come"
    wrote_again(token, "And a red car.")
    unread = {"position": 99, "seen": staleness.now(), "by": caseworker, "keys": keys}
    own_words.save(tip=tip, **handing.WORDS | {"text": "A van."}, **unread)
    assert own_words.latest(tip=tip, keys=keys).position == 2, (
        "nor what has come since they read it last"
    )


def test_wording_holds_only_over_what_is_new_and_once(token, tip, later):
    with pytest.raises(Refused, match="The sender has written nothing since our wording"):
        own_words.still_holds(**later(tip))
    wrote_again(token)
    page = later(tip)
    own_words.still_holds(**page)
    with pytest.raises(EditConflict):
        own_words.save(**page | {"text": "Another.", "removed": "", "contact": "", "stays": {}})
    wrote_again(token, "And a red car.")
    Wording.objects.all().delete()
    with pytest.raises(Refused, match="nothing since our wording"):
        own_words.still_holds(**later(tip))


def test_wording_without_a_position_was_read_by_nobody(tip, caseworker, keys):
    rewrite(tip, by=caseworker, keys=keys, position=0)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    assert contents.content(referral=referral, keys=keys).hindrances == [
        f"{tip.reference}: {WROTE_AGAIN}"
    ]


def test_team_lead_sets_it_aside_with_a_reason_that_the_approvers_read(
    *,
    token,
    tip,
    referral,
    caseworker,
    second,
    keys,
    later,
):
    wrote_again(token, "You lot are useless.")
    for by, reason, sentence in (
        (caseworker, "Abuse.", "Only a team lead"),
        (second, " ", "Write why"),
    ):
        with pytest.raises(Refused, match=sentence):
            own_words.set_aside(**later(tip, by), reason=reason)
    assert Approval.objects.count() == 2
    own_words.set_aside(**later(tip, second), reason="Abuse, and nothing else.")
    content = contents.content(referral=referral, keys=keys)
    assert (content.hindrances, Approval.objects.count()) == ([], 0)
    assert content.reports[0].wording.aside == ("lena: Abuse, and nothing else.",)
    assert not any(b"Abuse" in bytes(row.sealed) for row in Wording.objects.all())
    rewrite(tip, by=caseworker, keys=keys)
    assert own_words.latest(tip=tip, keys=keys).aside == ("lena: Abuse, and nothing else.",), (
        "it stays to be read"
    )


@pytest.mark.promise("police")
@pytest.mark.parametrize("answers", [{"police": "words"}, {"police": "no"}, {}])
def test_nobody_sets_a_stricter_answer_aside(token, tip, second, later, answers):
    """Nobody lets a stricter answer to the police question change nothing."""
    leave(token, **answers)
    outbox.drain()
    with pytest.raises(Refused, match="The sender has changed their answer about the police"):
        own_words.set_aside(**later(tip, second), reason="They cannot mean it.")
    assert Wording.objects.count() == 1


def test_with_a_ground_what_is_later_or_waits_does_not_keep_it_here_and_is_said(
    *, token, caseworker, keys, second, export
):
    tip = ready(token, police="no", by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    referral = police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    wrote_again(token)
    Entry.objects.create(
        id=uuid.uuid4(),
        tip=tip,
        tag="t",
        position=3,
        received=tip.received,
        key_index=1,
        sealed=b"x",
    )
    receiving.reply(token=token, text="And not the council.", after=0)
    content = contents.content(referral=referral, keys=keys)
    sentence = ["The sender wrote again after our wording. If you can, read it first.", WAITS]
    assert (content.hindrances, content.warnings) == (
        [],
        [f"{tip.reference}: {line}" for line in sentence],
    )
    with outbox.locked(wait=True):  # so that it goes on waiting
        for by in (caseworker, second):
            approve(referral, by=by, keys=keys)
        assert export(referral).name == f"{referral.reference}.json"


@pytest.mark.promise(
    "police", control="test_with_a_ground_what_is_later_or_waits_does_not_keep_it_here_and_is_said"
)
def test_a_danger_lets_no_other_tip_of_the_referral_leave_unread(
    *, token, tip, caseworker, second, keys, export
):
    """The danger of one tip lets no other tip leave before someone has read what its sender wrote last."""
    no = ready(receipts.new_token(), police="no", by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[no, tip], by=caseworker, keys=keys)
    referral = police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    wrote_again(token)
    receiving.reply(token=token, text="And not the council.", after=0)
    apart = (
        f"{no.reference} does not have to wait for the other tips. If the danger cannot wait, draft a police referral "
        "of that tip alone, with the same danger."
    )
    held = [apart, *(f"{tip.reference}: {line}" for line in (WROTE_AGAIN, WAITS))]
    content = contents.content(referral=referral, keys=keys)
    assert (content.hindrances, content.warnings) == (held, [])
    with pytest.raises(Refused, match="The sender wrote again"):
        approve(referral, by=caseworker, keys=keys)
    alone = draft_again(tips=[no], by=caseworker)
    alone = police_referrals.name_danger(
        referral=alone, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    for by in (caseworker, second):
        approve(alone, by=by, keys=keys)
    assert export(alone).name == f"{alone.reference}.json"


def test_a_part_that_does_not_open_is_overridden_by_no_other_tips_danger(tip, caseworker, keys):
    no = ready(receipts.new_token(), police="no", by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[no, tip], by=caseworker, keys=keys)
    referral = police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    for each, position in ((no, 2), (tip, 2)):
        rest = {
            "tag": "t",
            "position": position,
            "received": each.received,
            "key_index": 1,
            "sealed": b"x",
        }
        Entry.objects.create(id=uuid.uuid4(), tip=each, **rest)
    broken = "We cannot read one part of this tip, so we do not know all that its sender said. Tell a team lead."
    assert contents.content(referral=referral, keys=keys).hindrances[1:] == [
        f"{tip.reference}: {broken}"
    ]


@pytest.mark.promise(
    "police",
    control="TestBetweenTheSecondApprovalAndTheExport::test_control_a_drain_within_a_transaction_that_is_refused_loses_it",
)
def test_what_waits_and_cannot_be_taken_in_now_stops_approval_and_export(
    *, token, tip, referral, caseworker, keys, export
):
    """A refusal after a drain loses no answer."""
    receiving.reply(token=token, text=TAKEN_BACK, after=0)
    other = draft_again(tips=[tip], by=caseworker)
    with outbox.locked(wait=True):
        for act in (lambda: export(referral), lambda: approve(other, by=caseworker, keys=keys)):
            with pytest.raises(Refused, match="cannot be read yet"):
                act()
    with pytest.raises(Refused, match="The sender wrote again"):
        export(referral)
    assert (left(), tip.entries.count()) == (0, 2)


def test_no_that_a_public_machine_left_stops_the_export(token, tip, referral, export):
    leave(token, police="no")
    with pytest.raises(Refused, match="The sender does not want us to tell the police"):
        export(referral)
    assert (left(), Arrival.objects.count(), tip.entries.count()) == (0, 0, 2)


def test_answer_that_comes_while_the_file_is_made_stops_it(token, referral, export, monkeypatch):
    printed = pdf.printed

    def slow(*given, **facts):
        receiving.reply(token=token, text=TAKEN_BACK, after=0)
        return printed(*given, **facts)

    monkeypatch.setattr(pdf, "printed", slow)
    with pytest.raises(Refused, match="A sender has just written again"):
        export(referral, kind="pdf")
    assert left() == 0


def test_what_was_exported_leaves_again_only_once_what_came_since_is_read(
    *, token, tip, referral, export, later, caseworker
):
    left_first = export(referral)
    wrote_again(token)
    with pytest.raises(Refused, match="The sender wrote again"):
        export(referral)
    own_words.still_holds(**later(tip))
    assert export(referral).data == left_first.data
    departure.confirm(
        referral=referral,
        reference="URN",
        who="PC Doe",
        by=caseworker,
        keys=newest_keys(),
        reauthentication=shown(caseworker),
    )
    assert (left(), Referral.objects.get().status) == (2, "confirmed")


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
class TestBetweenTheSecondApprovalAndTheExport:
    """An answer that came by then: it never leaves, and the refusal after the drain loses none."""

    @pytest.mark.promise(
        "police", control="test_control_without_the_drain_and_the_look_at_what_waits_it_leaves"
    )
    @pytest.mark.whole
    def test_none_leaves_and_none_is_lost(self, token, tip, referral, export):
        """An answer between the second approval and the export: none of 200 leaves."""
        for number in range(200):
            if number % 2:
                leave(token, what=f"Please don't, {number}.", police="yes")
            else:
                receiving.reply(token=token, text=f"Please don't, {number}.", after=0)
            with pytest.raises(Refused, match="The sender wrote again"):
                export(referral)
            assert (left(), outbox.waiting(), Arrival.objects.count()) == (0, [], 0)
            assert tip.entries.exclude(position=1).delete()[0] == 1, (
                "it is there, and the next one comes as it did"
            )
        assert export(referral).name == f"{referral.reference}.json"

    def test_control_without_the_drain_and_the_look_at_what_waits_it_leaves(
        self, token, referral, export, monkeypatch
    ):
        receiving.reply(token=token, text=TAKEN_BACK, after=0)
        monkeypatch.setattr(contents, "take_in", lambda: None)
        monkeypatch.setattr(outbox, "can_take_in", lambda _lookup: False)
        export(referral)
        assert left() == 1

    def test_control_a_drain_within_a_transaction_that_is_refused_loses_it(
        self, token, tip, referral, export
    ):
        receiving.reply(token=token, text=TAKEN_BACK, after=0)
        with suppress(Refused), transaction.atomic():
            export(referral)
        assert (left(), outbox.waiting(), tip.entries.count()) == (0, [], 1)


def test_wording_holds_only_for_who_has_read_what_came(token, tip, second, later, keys):
    wrote_again(token)
    forged = {"tip": tip, "position": 99, "seen": staleness.now(), "by": second, "keys": keys}
    with pytest.raises(Refused, match="nothing since our wording"):
        own_words.still_holds(**forged)
    own_words.still_holds(**later(tip, second))
    assert own_words.latest(tip=tip, keys=keys).aside == ("lena has read it. Our wording holds.",)
