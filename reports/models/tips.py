"""Tips: sealed entries, and the few facts in clear that docs/threat-model.md lists.

A tip is everything that arrived under one receipt. Each arrival (the first answers, a changed text, pictures, a reply)
is an `Entry`, one sealed envelope.
"""

import secrets
import uuid
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L or U
REFERENCE_LENGTH = 8  # without its dash
HALF = REFERENCE_LENGTH // 2  # on each side of it
MISREAD = {"0": "QD", "O": "QD"}  # what no reference has, and the letters that somebody took for it


def new_reference() -> str:
    """Return an opaque reference such as K7QX-94MW (39 random bits), short enough to read out on the phone."""
    letters = [secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def references_of(typed: str) -> list[str]:
    """Return the references that this may be, as somebody typed it: in any case, with a dash or without."""
    return [
        f"{spelling[:HALF]}-{spelling[HALF:]}"
        for spelling in _spellings(typed, length=REFERENCE_LENGTH)
    ]


def _spellings(typed: str, *, length: int) -> list[str]:
    """Return what was typed without its dash, in each spelling that it may stand for; nothing of another length."""
    letters = "".join(filter(str.isalnum, typed.upper()))
    if len(letters) != length:
        return []
    meant = [MISREAD.get(letter, letter) for letter in letters]
    return ["".join(spelling) for spelling in product(*meant)]


class Status(models.TextChoices):
    """The status of a tip for staff; a tipster sees far less (not read, read, a question, an outcome).

    A new one also needs its moves (`TRANSITIONS` in domain/triage), its time (`SCHEDULE` in domain/retention, and a row
    in templates/reports/about/privacy.html), and its place in the figures: `LOOKED` in domain/figures/counting if it
    counts as looked into. It is a decision unless `UNDECIDED` has it, and is trusted unless `UNTRUSTED` has it and
    `TipQuerySet.trusted` leaves it out.
    """

    NEW = "new", "New"
    READING = "reading", "Undecided"
    NEEDS_MORE = "needs_more", "Asked"
    LINKED = "linked", "In an enquiry"
    PASSED_ON = "passed_on", "Passed to the police"
    NO_ACTION = "no_action", "No action now"
    NOT_FOR_US = "not_for_us", "Not for us"
    SPAM = "spam", "Spam"


UNDECIDED = (Status.NEW, Status.READING, Status.NEEDS_MORE)
LEFT = Q(unread=False, decided=None, assignee=None)  # read, undecided, and nobody's
TAKEN = Q(
    urgent=True, decided=None, acknowledged_at__isnull=False
)  # a member has it: its alarm is silent for a while
SAYS_SOMETHING = Q(alike__gt="", unread=True, decided__isnull=True)
# Ranks of an urgent tip that nobody has acknowledged, of one whose sender is not sure about danger and that is unread
# or nobody's, and of another that is unread or has a new answer
URGENT = 3
UNSURE = 2
UNREAD = 1
AT_END = -1  # rank of an unread tip that stands below all others
ORDER = ("rank", "received", "reference")  # of the queue, all descending
REPEATS = timedelta(
    hours=2
)  # in which repeated dangers take a tip once from who has it, and begin its reminders once
_ASKED = Q(status=Status.NEEDS_MORE, answered=False)
# What waits, by its name in an address of the queue: each tip that waits is in one of these, the first that it fits.
# Spam has no rank above 0.
WAITING: dict[str, Q] = {
    "urgent": Q(rank=URGENT),
    "unsure": Q(rank=UNSURE),
    "answers": Q(rank=UNREAD, new_answer=True),
    "unread": Q(rank=UNREAD, new_answer=False),
    "undecided": Q(rank=0, decided=None) & ~_ASKED,
    "asked": Q(rank=0, decided=None) & _ASKED,
    "at_end": Q(rank=AT_END),
}
WAITS = ~Q(rank=0) | Q(decided=None)  # all of these
URGENT_AT_END = Q(rank=AT_END, urgent=True, acknowledged_at=None)


class TipQuerySet(models.QuerySet["Tip"]):
    """Queries that the queue, the desk's first screen and the notices share."""

    def unread(self) -> "TipQuerySet":
        """Return tips with an entry that no member has seen: new tips, and those with a follow-up."""
        return self.filter(unread=True, rank__gte=UNREAD)

    def answered(self) -> "TipQuerySet":
        """Return tips whose sender has answered and nobody has decided since, without those that wait as urgent."""
        return self.filter(WAITING["answers"])

    def urgent_waiting(self) -> "TipQuerySet":
        """Return urgent tips whose alarm is on: nobody has taken them, or not decided them in time."""
        return self.filter(WAITING["urgent"])

    def unsure_waiting(self) -> "TipQuerySet":
        """Return tips whose sender is not sure about danger, until someone has decided them or has them."""
        return self.filter(WAITING["unsure"])

    def without_end(self) -> "TipQuerySet":
        """Leave out tips that stand below all others."""
        return self.exclude(rank=AT_END)

    def urgent_at_end(self) -> "TipQuerySet":
        """Return urgent tips that are moved to the end of the queue and that nobody has taken: they share one alarm."""
        return self.filter(URGENT_AT_END)

    def taken(self) -> "TipQuerySet":
        """Return urgent tips that a member has taken and not decided: their alarm is silent for a while."""
        return self.filter(TAKEN)

    def taken_again(self, *, now: datetime) -> "TipQuerySet":
        """Return taken tips that a repeated danger took from someone in the last REPEATS."""
        return self.taken().filter(repeated_at__gt=now - REPEATS)

    def ring_again(self, *, now: datetime) -> None:
        """Make these tips urgent and nobody's, and begin their reminders; who has one that was `taken_again` keeps it.

        Reminders that began in the last REPEATS go on: beginning again, they would reach no team lead.
        """
        quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
        just_begun = When(acknowledged_at=None, alarm_at__gt=now - REPEATS, then=F("alarm_at"))
        self.exclude(pk__in=self.taken_again(now=now).values("pk")).update(
            urgent=True,
            acknowledged_at=None,
            acknowledged_by="",
            alarm_at=Case(just_begun, default=None),
            repeated_at=Case(When(TAKEN, then=Value(quarter)), default=F("repeated_at")),
        )

    def saying_the_same(self, *alike: str) -> "TipQuerySet":
        """Return unread, undecided tips by the hashes of their whole texts."""
        return self.filter(SAYS_SOMETHING, alike__in=[hashed for hashed in alike if hashed])

    def one_of_each(self, *order: str) -> "TipQuerySet":
        """Leave out unread, undecided tips that say the same as another of these that comes first in this order."""
        first = (
            self.filter(SAYS_SOMETHING, alike=OuterRef("alike")).order_by(*order).values("pk")[:1]
        )
        return self.filter(~SAYS_SOMETHING | Q(pk=Subquery(first)))

    def told_to_police(self) -> "TipQuerySet":
        """Return tips that the police have: a referral with it was confirmed, or a call to them is on record."""
        confirmed = apps.get_model("reports", "Confirmation").objects
        call = apps.get_model("reports", "UrgentCall").objects
        tip = models.OuterRef("pk")
        in_referral = confirmed.filter(referral__parts__tip=tip)
        by_phone = call.filter(tip=tip, police=True)
        return self.filter(
            models.Exists(in_referral.order_by()) | models.Exists(by_phone.order_by())
        )

    def to_look_at_again(self, *, by: date) -> "TipQuerySet":
        """Return tips that the team wanted to look at again by this day, without spam."""
        return self.filter(look_again__lte=by).exclude(status=Status.SPAM)

    def trusted(self) -> "TipQuerySet":
        """Leave out spam and what may be malicious: their senders learn nothing, and what they sent counts nowhere."""
        return self.exclude(status=Status.SPAM).exclude(malicious=True)

    def with_reference(self, typed: str) -> "TipQuerySet":
        """Return the tips whose reference this may be, as somebody typed it."""
        return self.filter(reference__in=references_of(typed))

    def with_half_reference(self, typed: str) -> "TipQuerySet":
        """Return the tips of whose reference this may be the first or the second half; none for anything longer."""
        halves = Q(pk__in=[])
        for half in _spellings(typed, length=HALF):
            halves |= Q(reference__startswith=f"{half}-") | Q(reference__endswith=f"-{half}")
        return self.filter(halves).order_by("reference")

    def visible_to(self, user: User | AnonymousUser) -> "TipQuerySet":
        """Leave out tips that are hidden from this member."""
        return self.exclude(pk__in=hidden_from(user))

    def in_reading_order(self) -> "TipQuerySet":
        """Sort tips by rank, then the newest week first."""
        return self.order_by(*(f"-{column}" for column in ORDER))


def shown_to(user: User | AnonymousUser) -> "TipQuerySet":
    """Return the same as `visible_to`, for a page of several queries: which are hidden is asked once, here."""
    hidden = [
        row["tip"] for row in hidden_from(user)
    ]  # nearly always none, and then no query says more than it did
    if hidden:
        return Tip.objects.exclude(pk__in=hidden)
    return Tip.objects.all()


def hidden_from(user: User | AnonymousUser) -> models.QuerySet[Any, Any]:
    """Return the keys of tips that a member is recused from, and of tips that are or may be related to one of those."""
    recusal = apps.get_model("reports", "Recusal").objects.order_by()
    relation = apps.get_model("reports", "Relation").objects.order_by()
    recused = recusal.filter(user=user.pk).values("tip")
    related = relation.hiding()
    higher = related.filter(low__in=recused)
    lower = related.filter(high__in=recused)
    keys: models.QuerySet[Any, Any] = recused.union(
        higher.values("high"), lower.values("low"), all=True
    )
    return keys.order_by()


def hidden_keys(user: User | AnonymousUser) -> set[uuid.UUID]:
    """Return the keys of the tips that `hidden_from` names."""
    return {row["tip"] for row in hidden_from(user)}


class Tip(models.Model):
    """Everything under one receipt; the text is in its entries, sealed."""

    beside: Any  # what the queue says beside it, on the queue's page alone

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField("reference", max_length=9, editable=False)
    lookup = models.CharField(max_length=64, editable=False)
    received = models.DateField(
        "received", help_text="The day until the tip is opened; then its week's Monday."
    )
    status = models.CharField("status", max_length=12, choices=Status.choices, default=Status.NEW)
    urgent = models.BooleanField("urgent", default=False)
    unsure = models.BooleanField(
        default=False,
        editable=False,
        help_text="From opening to the decision, whether the sender is not sure if someone could be badly hurt.",
    )
    unread = models.BooleanField(
        default=True, editable=False, help_text="Something in it has not been read yet."
    )
    answered = models.BooleanField(
        default=False,
        editable=False,
        help_text="The sender has answered since the desk last asked.",
    )
    new_answer = models.BooleanField(
        default=False,
        editable=False,
        help_text="The sender has answered, or added to what was read, and nobody has decided since.",
    )
    stopped = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="How many parts had arrived when the sender stopped the seven words working.",
    )
    parts_read = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="How many parts had arrived when a team member last read it.",
    )
    at_end = models.BooleanField(
        default=False,
        editable=False,
        help_text=(
            "Ranks below all others until it is read, because a program seems to have sent it or a team "
            "member chose so."
        ),
    )
    alike = models.CharField(
        max_length=32,
        blank=True,
        default="",
        editable=False,
        help_text="From opening to reading, a keyed hash of the whole text: equal for equal texts.",
    )
    acknowledged_by = models.CharField(max_length=150, blank=True, editable=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    alarm_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="The quarter hour at which reminders began. Empty while a team member has taken it on.",
    )
    repeated_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="The quarter hour in which a repeated danger took it from someone, for about two hours.",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tips",
        verbose_name="assigned to",
    )
    labels = models.ManyToManyField(
        "reports.Label", related_name="tips", editable=False, verbose_name="labels"
    )
    malicious = models.BooleanField(
        "possibly malicious",
        default=False,
        editable=False,
        help_text="It counts nowhere, like spam.",
    )
    opened = models.BooleanField(default=False, editable=False)
    category = models.CharField("kind", max_length=16, blank=True, editable=False)
    area = models.CharField("area", max_length=60, blank=True, editable=False)
    appeal = models.CharField("appeal", max_length=120, blank=True, editable=False)
    decided = models.DateField(
        null=True, blank=True, editable=False, help_text="Monday of the week of decision."
    )
    confirmed = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="Monday of the week in which the police confirmed receipt, or someone looked at a call to them.",
    )
    reviewed = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="When a team lead last said that it is still needed.",
    )
    look_again = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="The day from which the team wants to look at it again.",
    )

    rank = models.GeneratedField(
        expression=Case(
            When(status=Status.SPAM, then=Value(0)),
            When(at_end=True, unread=True, then=Value(AT_END)),
            When(urgent=True, acknowledged_at=None, then=Value(URGENT)),
            When(Q(unsure=True) & (Q(unread=True) | Q(assignee=None)), then=Value(UNSURE)),
            When(Q(unread=True) | Q(new_answer=True), then=Value(UNREAD)),
            default=Value(0),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        help_text=(
            "3 urgent and not acknowledged, 2 not sure about danger and unread or unassigned, 1 unread or a new "
            "answer, 0 the rest and spam, -1 moved to the end of the queue and unread."
        ),
    )

    objects = TipQuerySet.as_manager()

    class Meta:
        verbose_name = "tip"
        verbose_name_plural = "tips"
        permissions = [
            ("view_figures", "Can see how the desk is doing, in figures"),
            ("read_tip", "Can read opened tips"),
            ("triage_tip", "Can assign, move and note tips"),
            ("reveal_contact", "Can see a tipster's contact details"),
        ]
        indexes = [
            models.Index(fields=ORDER, name="tip_by_rank"),
            models.Index(fields=["alike", *ORDER], condition=Q(alike__gt=""), name="tip_alike"),
            models.Index(
                fields=["assignee", "received", "reference"], condition=LEFT, name="tip_left"
            ),
            models.Index(fields=["acknowledged_at"], condition=TAKEN, name="tip_taken"),
            models.Index(
                fields=["look_again"], condition=Q(look_again__isnull=False), name="tip_look_again"
            ),
        ]
        # Not unique=True: on PostgreSQL that adds indexes for LIKE, and every change of a tip would write to both.
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="tip_reference_unique"),
            models.UniqueConstraint(fields=["lookup"], name="tip_lookup_unique"),
            models.CheckConstraint(
                condition=Q(opened=True) | Q(category="", area="", appeal=""),
                name="tip_sealed_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        """Return the reference alone: Django's admin writes this into logs."""
        return self.reference

    @property
    def is_trusted(self) -> bool:
        """Return whether the tip is neither spam nor possibly malicious."""
        return self.status != Status.SPAM and not self.malicious

    @property
    def status_in_words(self) -> str:
        """Return its status and its mark, for a list that shows no chips."""
        status = str(self.get_status_display())
        if self.malicious:
            return f"{status}, possibly malicious"
        return status


class Entry(models.Model):
    """One arrival under a receipt: a sealed envelope, recognised by its content tag."""

    id = models.UUIDField(primary_key=True, editable=False)
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="entries")
    tag = models.CharField(max_length=32)
    position = models.PositiveIntegerField(
        default=1, help_text="1 for what was drained first under this receipt."
    )
    received = models.DateField()
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()
    opened = models.BooleanField(default=False)
    broken = models.BooleanField(
        default=False, help_text="The desk's keys did not open it at the last attempt."
    )
    alarm_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When the reminders begin that it asks for by itself. Empty once it is opened, or read.",
    )

    class Meta:
        ordering = ["position", "id"]
        # Not of `opened` too: to find a tip's opened entries SQLite would read all that are opened.
        indexes = [
            models.Index(fields=["position"], condition=Q(opened=False), name="entry_not_opened")
        ]
        constraints = [
            models.UniqueConstraint(fields=["tip", "tag"], name="entry_once_per_content")
        ]

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the envelope is bound to, so that a swapped row is noticed on opening."""
        return self.facts(self.id, lookup=self.tip.lookup, tag=self.tag, key_index=self.key_index)

    @staticmethod
    def facts(
        pk: uuid.UUID, *, lookup: str, tag: str, key_index: int
    ) -> dict[str, str | int | bool]:
        """Return the facts that an entry's envelope is bound to, from these columns alone."""
        return {"id": str(pk), "lookup": lookup, "tag": tag, "key": key_index}


class Note(models.Model):
    """A member's note on a tip, sealed like the tip itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="notes")
    author = models.CharField(max_length=150)
    written = models.DateTimeField(auto_now_add=True)
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["written", "id"]

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        return {
            "id": str(self.id),
            "tip": str(self.tip_id),
            "author": self.author,
            "key": self.key_index,
        }
