"""Rows that no event names: who forges, deletes or puts one back lets nothing more out, hides and deletes nothing more.

They can write a note or a translation in any member's name, or remove one.
"""

import json
import uuid
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.audit import columns, findings, staleness
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import contents, departure, grading, police_referrals, translation
from reports.domain.retention import schedule
from reports.domain.search import searching
from reports.domain.tips import opening
from reports.domain.tips.metadata import monday
from reports.domain.triage import safety, triaging
from reports.models import (
    Approval,
    Confirmation,
    Digest,
    Enquiry,
    Grading,
    Hold,
    Message,
    Note,
    Recusal,
    Referral,
    ReferralPart,
    SafetyDecision,
    Search,
    Tip,
    Translation,
)
from tests.factories import shown
from tests.reports.handing import GRADE, make_ready
from tests.reports.purging import decide

type Rows = dict[type[models.Model], list[dict[str, Any]]]

# The tables that no event names any more, and what anybody can seal into a row, as that takes the public key alone.
UNNAMED = {
    Tip: {},
    Note: {"text": "Let this tip go."},
    Digest: {},
    Grading: {**GRADE, "information": "A"},
    Translation: {"language": "pl", "text": "Nothing happened."},
    Message: {"text": "Write no more."},
    ReferralPart: {},
    Confirmation: {"reference": "URN 1", "who": "PC Doe"},
    Enquiry: {"text": "There is nothing in this."},
    Search: {"words": "my neighbour"},
}
ENGLISH = "Every night a car comes to the garages and somebody sells there."


class Reach(NamedTuple):
    """What leaves, what may be approved, what each member sees, and what the schedule deletes."""

    left: set[str]  # texts in the files of what is approved, without anybody approving anew
    open: set[
        uuid.UUID
    ]  # of the tips that must not leave, those in a referral that nothing keeps here
    seen: set[tuple[str, uuid.UUID]]
    deleted: set[uuid.UUID]


class Desk:
    """A desk with an approved referral, a tip that is due, one on hold, and two that must not leave as they stand."""

    def __init__(self, *, by, team_lead, keys, no, quoted):
        """Refer the tip whose sender said no, and the one of which our wording quotes the translation."""
        self.by, self.keys, self.no, self.quoted = by, keys, no, quoted
        self.held, self.due = Hold.objects.get().tip, Recusal.objects.get().tip
        self.older = {model: list(model._default_manager.values()) for model in UNNAMED}
        for decision in SafetyDecision.objects.filter(looked_on=None):
            safety.mark_reviewed(decision=decision, by=team_lead, keys=keys)
        translation.translate(tip=quoted, language="pl", text=ENGLISH, seen=staleness.now(), by=by)
        for tip, text in ((no, "A van."), (quoted, ENGLISH)):
            make_ready(tip, by=by, keys=keys, text=text)
            police_referrals.draft(tips=[tip], by=by, keys=keys)
        for tip in (self.due, self.held):
            triaging.note(tip=tip, text="Later.", by=by)
            grading.grade(
                tip=tip, **GRADE | {"information": "D"}, seen=staleness.now(), by=by, keys=keys
            )
            translation.translate(
                tip=tip, language="pl", text="A van.", seen=staleness.now(), by=by
            )
            sender_messages.write(
                tip=tip, text="was it by night?", question=False, by=by, keys=keys
            )
            decide(tip, status="no_action", week=monday(timezone.localdate() - timedelta(days=300)))
        enquiries.summarise(
            enquiry=Enquiry.objects.get(), text="White.", seen=staleness.now(), by=by
        )
        searching.search(words="white", by=by, keys=keys)

    def reach(self):
        """Try what can be reached now, and take it back."""
        seen = {
            (user.username, tip.pk)
            for user in User.objects.all()
            for tip in Tip.objects.visible_to(user)
        }
        return Reach(self._left(), self._open(), seen, self._deleted())

    def _left(self):
        texts = set[str]()
        who = {"by": self.by, "keys": self.keys, "reauthentication": shown(self.by)}
        for referral in Referral.objects.all():
            with undone(), suppress(Refused):
                file = departure.export(referral=referral, kind="json", recipient=None, **who)
                texts |= {report["text"] for report in json.loads(file.data)["content"]["reports"]}
        return texts

    def _open(self):
        found = [
            contents.content(referral=referral, keys=self.keys)
            for referral in Referral.objects.all()
        ]
        free = {
            report.tip.pk
            for content in found
            if not content.hindrances
            for report in content.reports
        }
        return free & {self.no.pk, self.quoted.pk}

    def _deleted(self):
        there = set(Tip.objects.values_list("pk", flat=True))
        with undone():
            with suppress(Swapped):
                schedule.delete_due(today=timezone.localdate())
            return there - set(Tip.objects.values_list("pk", flat=True))


@contextmanager
def undone():
    """Take back what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def desk(filled, caseworker, team_lead, keys, send):
    """Return the desk."""
    no, quoted = send("He deals there.", police="no"), send("Każdej nocy samochód.", police="words")
    opening.open_new(by=caseworker, keys=keys)
    return Desk(by=caseworker, team_lead=team_lead, keys=keys, no=no, quoted=quoted)


def forge(model, desk):
    """Write other content into every row, and another row beside each, in a team lead's name."""
    if model is Tip:
        swap(desk.held, desk.due, "lookup", "reference")
    elif model is Digest:
        swap(*Digest.objects.all()[:2], "sealed")
    elif model is ReferralPart:
        approved = Approval.objects.all()[0].referral
        for position, tip in enumerate((desk.no, desk.quoted), start=7):
            ReferralPart.objects.create(referral=approved, tip=tip, position=position)
    elif model is Confirmation:
        for referral in Referral.objects.all():
            save(Confirmation(id=uuid.uuid4(), referral=referral), UNNAMED[model])
    else:
        for number, row in enumerate(model.objects.all(), start=90):
            save(row, UNNAMED[model])
            row.pk, row.version, row.number, row.codename = uuid.uuid4(), number, number, "a twin"
            save(row, UNNAMED[model])


def save(row, content):
    """Seal content into a row, and store it."""
    row.author = "lena"
    sealed.fill(row, content)
    row.save()


def swap(one, other, *columns):
    """Exchange what two rows have there."""
    model = type(one)
    values = [{column: getattr(row, column) for column in columns} for row in (one, other)]
    if model is Tip:
        Tip.objects.filter(pk=one.pk).update(lookup="f" * 64, reference="ZZZZ-9999")
    model.objects.filter(pk=other.pk).update(**values[0])
    model.objects.filter(pk=one.pk).update(**values[1])


def delete(model, desk):
    """Delete every row; with a tip would go what events name of it."""
    if model is not Tip:
        model.objects.all().delete()


def put_back(model, desk):
    """Make every row again what it was once, and take away what came since."""
    had = {row[model._meta.pk.attname]: row for row in desk.older[model]}
    came = model.objects.exclude(pk__in=had)
    if model is not Tip:
        came.delete()
    for pk, row in had.items():
        values = {name: value for name, value in row.items() if name != "rank"}
        if not model.objects.filter(pk=pk).update(**values):
            model(**values).save(force_insert=True)


@pytest.mark.promise(
    "team", control="test_control_where_nobody_compares_it_reaches_further_with_named_rows"
)
@pytest.mark.parametrize("how", [forge, delete, put_back])
def test_who_writes_to_one_lets_nothing_out_and_hides_and_deletes_nothing_more(desk, how):
    """Who writes the database can write a note or a translation in any member's name, or remove one; that lets nothing
    out, and hides and deletes nothing.
    """
    honest = desk.reach()
    assert (honest.left, honest.open, honest.deleted) == ({"A van calls."}, set(), {desk.due.pk})
    assert ("rosa", desk.due.pk) not in honest.seen
    assert not UNNAMED.keys() & columns.COLUMNS.keys()
    for model in UNNAMED:
        with undone():
            how(model, desk)
            now = desk.reach()
            assert (now.left <= honest.left, now.open, now.seen) == (True, set(), honest.seen), (
                model
            )
            assert now.deleted <= honest.deleted, model


def ground(desk):
    """Write a danger into the referral of a tip whose sender said no."""
    row = Referral.objects.get(parts__tip=desk.no)
    save(row, {"salt": "0", "ground": "life", "danger": "A knife."})


@pytest.mark.parametrize(
    ("act", "reached"),
    [
        (lambda desk: Hold.objects.all().delete(), lambda desk, now: desk.held.pk in now.deleted),
        (ground, lambda desk, now: desk.no.pk in now.open),
    ],
)
def test_control_where_nobody_compares_it_reaches_further_with_named_rows(
    desk,
    monkeypatch,
    act,
    reached,
):
    act(desk)
    assert not reached(desk, desk.reach())
    monkeypatch.setattr(findings, "compare", lambda present, proof: [])
    assert reached(desk, desk.reach())


def test_control_without_a_conflict_of_interest_the_tip_is_shown(desk):
    Recusal.objects.all().delete()
    assert ("rosa", desk.due.pk) in desk.reach().seen
