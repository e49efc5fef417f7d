"""What public machines leave in the database for the desk's machine to take in: they write here, and to no tip."""

import uuid

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from reports.models.dates import day_in_bounds, instant_in_bounds
from reports.models.tips import Entry

MOST_BYTES = 64 * 1024 * 1024  # of an envelope: the largest bundle of pictures has two thirds of it


class Arrival(models.Model):
    """A sealed envelope from a public machine's outbox, with the same facts in clear, until the desk's takes it in."""

    id = models.UUIDField(primary_key=True, editable=False)
    lookup = models.CharField(max_length=64)
    tag = models.CharField(max_length=32)
    received = models.DateField()
    key_index = models.PositiveIntegerField()
    urgent = models.BooleanField(default=False)
    answer = models.BooleanField(default=False)
    suspect = models.BooleanField(default=False)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lookup", "tag"], name="arrival_once_per_content"),
            # Whoever took over a public machine can write here: nothing that the desk's could not read.
            models.CheckConstraint(condition=day_in_bounds("received"), name="arrival_has_a_day"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("sealed"), MOST_BYTES),
                name="arrival_fits_into_memory",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the envelope is bound to: those of the entry that it becomes."""
        return Entry.facts(self.id, lookup=self.lookup, tag=self.tag, key_index=self.key_index)


class NodeReport(models.Model):
    """What a public machine said of itself, until the desk's machine takes it over into `Node`.

    A public machine can read no machine's id here or there, so it can speak for itself alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    node = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    key_index = models.PositiveIntegerField()
    empty = models.BooleanField()
    seen_at = models.DateTimeField()
    causes = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["seen_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=instant_in_bounds("seen_at"), name="node_report_has_an_instant"
            ),
        ]

    def __str__(self) -> str:
        return self.name
