"""Members' verdicts on two tips that share an entity: related or not, and whether they count as one source.

POSSIBLE is nobody's verdict: the two name the same, and who may not see one cannot see the other until a colleague has
compared them.
"""

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q

from reports.models.retention import Sealed
from reports.models.tips import Tip, hidden_from


class Verdict(models.TextChoices):
    """A verdict on two tips."""

    RELATED = "related", "Related: count as one source"
    INDEPENDENT = "independent", "Related, but independent sources"
    DISMISSED = "dismissed", "Not related"
    POSSIBLE = "possible", "Not compared yet"


JUDGED = (Verdict.RELATED, Verdict.INDEPENDENT, Verdict.DISMISSED)  # what a member can say
CONFIRMED = (Verdict.RELATED, Verdict.INDEPENDENT)
HIDING = (*CONFIRMED, Verdict.POSSIBLE)


class RelationQuerySet(models.QuerySet["Relation"]):
    """Queries that several pages share."""

    def confirmed(self) -> "RelationQuerySet":
        """Return relations of related tips, whether they count as one source or not."""
        return self.filter(verdict__in=CONFIRMED)

    def hiding(self) -> "RelationQuerySet":
        """Return relations by which a tip is hidden from whoever has hidden the other."""
        return self.filter(verdict__in=HIDING)

    def visible_to(self, user: User | None) -> "RelationQuerySet":
        """Leave out relations with a tip that is hidden from this member; from the program (None) none is."""
        if user is None:
            return self
        return self.exclude(self._touches(hidden_from(user)))

    def touching(self, tips: object) -> "RelationQuerySet":
        """Return relations with one of `tips` (instances, keys or a query)."""
        return self.filter(self._touches(tips))

    def _touches(self, tips: object) -> Q:
        return Q(low__in=tips) | Q(high__in=tips)


class Relation(Sealed):
    """Two tips, in the order of their keys, and a member's verdict; the reason is sealed, perhaps empty."""

    BOUND = (
        "low_id",
        "high_id",
        "verdict",
        "author",
    )  # so a verdict changed in the database is noticed

    low = models.ForeignKey(Tip, models.CASCADE, related_name="+")
    high = models.ForeignKey(Tip, models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=12, choices=Verdict)
    author = models.CharField(max_length=150)

    objects = RelationQuerySet.as_manager()

    class Meta(Sealed.Meta):
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="relation_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="relation_in_order"),
        ]

    @property
    def is_confirmed(self) -> bool:
        """Return whether a member says that the two are related."""
        return self.verdict in CONFIRMED

    def other(self, tip: Tip) -> Tip:
        """Return the tip that is not this one."""
        if self.low_id == tip.pk:
            return self.high
        return self.low
