"""Urgent disclosures: a member passed a tip on by phone, and a second person looks at it the next day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.models.retention import Sealed
from reports.models.tips import Tip


class Disclosure(Sealed):
    """A call to 999, to children's services or to somebody else: whom, when and which reference are sealed."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="disclosures")
    author = models.CharField(max_length=150)
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("urgent disclosure")
        verbose_name_plural = _("urgent disclosures")
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["since"], name="disclosure_waiting", condition=Q(reviewed_on=None))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("author")),
                name="disclosure_second_person",
                violation_error_message=_("A second person looks at it, never the one who called."),
            )
        ]

    def bound(self) -> dict[str, str | int | bool]:
        return {"id": str(self.id), "tip": str(self.tip_id), "author": self.author, "key": self.key_index}
