"""What editors have written and readers do not see yet: an article's working copy, and what each has not saved."""

from django.db import models

from newsroom.models.articles import Article


class WorkingCopy(models.Model):
    """The one working copy of an article that is out: its saved changes.

    `fields` holds the article as it will be, by the names of `revisions.editable()`.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, related_name="working_copy", verbose_name="story"
    )
    fields = models.JSONField("the story as it will be")
    show_update = models.BooleanField("shows readers that it was updated", default=False)
    changed_at = models.DateTimeField("changed at")
    # Names and not keys, as in revisions.
    changed_by = models.CharField("changed by", max_length=150)
    token = models.CharField("the save that wrote it", max_length=32)
    look_again = models.CharField("why to check it again", max_length=300, blank=True)

    class Meta:
        verbose_name = "unpublished changes"
        verbose_name_plural = "unpublished changes"

    def __str__(self) -> str:
        return str(self.article)


class UnsavedText(models.Model):
    """What one editor typed in the form of an article and has not saved: the boxes as a browser sent them.

    `made_from` and `made_of` are the newest revision and the token of the working copy that its writer saw.
    """

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="unsaved_texts", verbose_name="story"
    )
    typed = models.JSONField("typed and not saved")
    changed_at = models.DateTimeField("changed at")
    changed_by = models.CharField("changed by", max_length=150)
    made_from = models.PositiveIntegerField("the newest revision that the writer saw")
    made_of = models.CharField(
        "the unpublished changes that the writer saw", max_length=32, blank=True
    )
    page = models.CharField("the page that wrote last", max_length=32)

    class Meta:
        verbose_name = "unsaved text"
        verbose_name_plural = "unsaved texts"
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "changed_by"], name="unsaved_text_one_an_editor"
            )
        ]

    def __str__(self) -> str:
        return f"{self.article}: {self.changed_by}"

    @property
    def version(self) -> str:
        """A name of what stands here now; another one once more is kept."""
        return f"{self.page}-{self.changed_at.timestamp() * 1_000_000:.0f}"
