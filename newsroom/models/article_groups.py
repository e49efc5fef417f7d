"""Groups of articles about the same event; the newsroom does not know which event."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.models.articles import Article


class GroupMembership(models.Model):
    """One article in one group. Only the caller that chose the group's UUID knows what it stands for."""

    group = models.UUIDField(_("group"))
    article = models.ForeignKey(Article, models.CASCADE, related_name="memberships", verbose_name=_("story"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "article"],
                name="article_in_group_once",
                violation_error_message=_("This story is in that group already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.article_id}"
