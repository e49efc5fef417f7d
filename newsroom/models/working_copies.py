"""The working copy of an article: what an editor has written and readers do not see yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.models.articles import Article


class WorkingCopy(models.Model):
    """The one working copy of an article: saved changes of one that is out, and what is typed but not saved.

    `fields` holds the article as it will be, by the names of `revisions.editable()`, and is empty without saved
    changes; `typed` holds the boxes of the form as a browser sent them, and is empty when all is saved.
    """

    article = models.OneToOneField(Article, models.CASCADE, related_name="working_copy", verbose_name=_("story"))
    fields = models.JSONField(_("the story as it will be"), default=dict, blank=True)
    typed = models.JSONField(_("typed and not saved"), default=dict, blank=True)
    show_update = models.BooleanField(_("shows readers that it was updated"), default=False)
    changed_at = models.DateTimeField(_("changed at"))
    # Names and not keys, as in revisions.
    changed_by = models.CharField(_("changed by"), max_length=150)
    made_from = models.PositiveIntegerField(_("the newest revision that the writer saw"), default=0)
    token = models.CharField(_("the page that wrote last"), max_length=32)
    look_again = models.CharField(_("why to check it again"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("unpublished changes")
        verbose_name_plural = _("unpublished changes")

    def __str__(self) -> str:
        return str(self.article)
