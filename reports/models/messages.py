"""Messages from the desk to a sender."""

import uuid

from django.db import models

from reports.models.dates import day_in_bounds
from reports.models.tips import Tip


class Message(models.Model):
    """One message to a sender, sealed twice: for the desk, and for the holder of the seven words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="messages")
    author = models.CharField(max_length=150)
    number = models.PositiveIntegerField(help_text="1 for the first to this sender.")
    asks = models.BooleanField(help_text="It is a question.")
    week = models.DateField(help_text="Monday of the week in which it was written.")
    seen = models.DateField(
        null=True, help_text="Monday of the week in which the sender first saw it."
    )
    taken_back = models.DateField(
        null=True, help_text="Monday of the week in which a team member withdrew it."
    )
    padding = models.CharField(
        max_length=10,
        blank=True,
        default="",
        help_text="Alternately full and empty: what a look that finds nothing new writes.",
    )
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()
    for_sender = models.BinaryField(
        null=True,
        help_text="Empty once it is withdrawn unread or deleted, or the seven words stop working.",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["tip", "number"], name="message_once_per_number"),
            # Whoever took over a public machine can write `seen`: nothing that no page could show.
            models.CheckConstraint(condition=day_in_bounds("seen"), name="message_seen_on_a_day"),
            models.CheckConstraint(condition=day_in_bounds("week"), name="message_has_a_week"),
            models.CheckConstraint(
                condition=day_in_bounds("taken_back"), name="message_taken_back_on_a_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the desk's envelope is bound to."""
        return {
            "id": str(self.id),
            "tip": str(self.tip_id),
            "author": self.author,
            "number": self.number,
            "asks": self.asks,
            "key": self.key_index,
        }

    def bound_for_sender(self, lookup: str) -> dict[str, str | int | bool]:
        """Return the facts that the sender's envelope is bound to."""
        return self.bound_to(lookup, pk=self.id, number=self.number, asks=self.asks)

    @staticmethod
    def bound_to(
        lookup: str, *, pk: uuid.UUID, number: int, asks: bool
    ) -> dict[str, str | int | bool]:
        """Return the facts that the sender's envelope of message `pk` is bound to, for rows read column by column."""
        return {"message": str(pk), "lookup": lookup, "number": number, "asks": asks}
