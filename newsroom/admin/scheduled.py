"""What is scheduled, by day: articles, changes to live ones, corrections, and appeals that open or close."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from newsroom.admin.base import VIEW
from newsroom.admin.rights import needs
from newsroom.models import Appeal, Article, Correction, WorkingCopy


class Coming(NamedTuple):
    """One thing that readers will see: when, what it is, and the article to which it belongs."""

    at: datetime
    kind: str | Promise
    article: Article


@never_cache
@needs(get=VIEW)
def scheduled(request: HttpRequest) -> HttpResponse:
    """Show what is scheduled, by day."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    days: dict[date, list[Coming]] = defaultdict(list)
    for coming in sorted(_coming(at=timezone.now()), key=lambda coming: coming.at):
        days[timezone.localdate(coming.at)].append(coming)
    context = admin.site.each_context(request) | {
        "title": _("Scheduled"),
        "opts": Article._meta,  # noqa: SLF001 - Django's public name
        "days": sorted(days.items()),
    }
    return TemplateResponse(request, "admin/newsroom/article/scheduled.html", context)


def _coming(*, at: datetime) -> list[Coming]:
    """Return everything that readers will see after an instant without another press of a button."""
    out = [Article.Status.SCHEDULED, Article.Status.PUBLISHED]
    articles = Article.objects.filter(status__in=out, publish_at__gt=at)
    copies = WorkingCopy.objects.filter(publish_at__gt=at).select_related("article")
    of_articles = {"article__status__in": out}
    corrections = Correction.objects.filter(at__gt=at, **of_articles).select_related("article")
    opening = Appeal.objects.filter(opens__gt=at, **of_articles).select_related("article")
    closing = Appeal.objects.filter(closes__gt=at, **of_articles).select_related("article")
    return [
        *(Coming(article.publish_at, gettext_lazy("Story"), article) for article in articles if article.publish_at),
        *(Coming(copy.publish_at, gettext_lazy("Changes"), copy.article) for copy in copies if copy.publish_at),
        *(Coming(correction.at, gettext_lazy("Correction"), correction.article) for correction in corrections),
        *(Coming(appeal.opens, gettext_lazy("Appeal opens"), appeal.article) for appeal in opening),
        *(Coming(appeal.closes, gettext_lazy("Appeal closes"), appeal.article) for appeal in closing if appeal.closes),
    ]
