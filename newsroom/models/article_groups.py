"""Which articles belong together because they tell of the same thing; of what, the newsroom does not know."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.models.articles import Article


class Strand(models.Model):
    """An article on a strand; the key means something to whoever put it there, and nothing here."""

    key = models.UUIDField(_("strand"))
    article = models.ForeignKey(Article, models.CASCADE, related_name="strands", verbose_name=_("article"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "article"],
                name="strand_story_once",
                violation_error_message=_("This story is on that strand already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.article_id}"
