"""Legal holds, recusals, and the monthly number of deletions."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from reports.models.tips import Tip


class Sealed(models.Model):
    """A model with text that a member typed, sealed to the desk like a note."""

    # The columns that the envelope is bound to. It holds their names, so these stay for good.
    BOUND: ClassVar[tuple[str, ...]] = ("tip_id", "author")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    since = models.DateField("since", auto_now_add=True)
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["since", "id"]

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts of the row that the envelope is bound to, so that a swapped row is noticed on opening."""
        facts: dict[str, str | int | bool] = {"id": str(self.id)}
        for name in self.BOUND:
            value = getattr(self, name)
            facts[name.removesuffix("_id")] = value if isinstance(value, int) else str(value)
        return facts | {"key": self.key_index}


class Hold(Sealed):
    """A legal hold on a tip: the database refuses to delete the tip."""

    tip = models.OneToOneField(Tip, models.PROTECT, related_name="hold")
    author = models.CharField(max_length=150)


class Recusal(Sealed):
    """A member who knows someone in a tip, which is hidden from them until a team lead lifts the recusal."""

    BOUND = ("tip_id", "user_id")

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="recusals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recusals")

    class Meta(Sealed.Meta):
        constraints = [models.UniqueConstraint(fields=["tip", "user"], name="recusal_once")]


class Deletions(models.Model):
    """The number of tips deleted in a month: all that is left of them besides the audit log."""

    month = models.DateField(primary_key=True, help_text="Its first day.")
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.count}"
