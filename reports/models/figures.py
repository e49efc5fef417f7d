"""The public figures: tallies of the running quarter, and the release of each past one."""

from django.db import models
from django.db.models import Q


class Tally(models.Model):
    """The number of a quarter's tips in one cell of one table; deleted when the quarter's figures are released."""

    quarter = models.DateField(help_text="Its first day.")
    measure = models.CharField(max_length=12)
    table = models.CharField(max_length=12)
    cell = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quarter", "measure", "table", "cell"], name="tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quarter:%Y-%m} {self.measure} {self.table} {self.cell}: {self.count}"


class FiguresRelease(models.Model):
    """The figures of one quarter as published, with small numbers suppressed; never changed or computed again."""

    quarter = models.DateField(primary_key=True, help_text="Its first day.")
    released = models.DateField()
    figures = models.JSONField(
        help_text="By measure: the total, and each table's cells; null is not shown."
    )

    class Meta:
        ordering = ["-quarter"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released__gt=models.F("quarter")), name="figures_after_their_quarter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quarter:%Y-%m}"
