"""What is scheduled, by day: articles, changes to live ones, corrections, and appeals that open or close."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from newsroom.admin.base import VIEW, around
from newsroom.admin.rights import needs
from newsroom.models import Appeal, Article, Correction, WorkingCopy


class Coming(NamedTuple):
    """One thing that readers will see: when, what it is, and the article to which it belongs."""

    at: datetime
    kind: str
    article: Article


@never_cache
@needs(get=VIEW)
def scheduled(request: HttpRequest) -> HttpResponse:
    """Show everything that readers will see without another press of a button, by day."""
    now, out = timezone.now(), [Article.Status.SCHEDULED, Article.Status.PUBLISHED]
    corrections, appeals = (of.objects.filter(article__status__in=out) for of in (Correction, Appeal))
    dated: list[tuple[Any, str, str]] = [
        (WorkingCopy.objects.all(), "publish_at", _("Changes")),
        (corrections, "at", _("Correction")),
        (appeals, "opens", _("Appeal opens")),
        (appeals, "closes", _("Appeal closes")),
    ]
    stories = Article.objects.filter(status__in=out, publish_at__gt=now)
    coming = [Coming(story.publish_at, _("Story"), story) for story in stories if story.publish_at]
    for rows, name, kind in dated:
        later = rows.filter(**{f"{name}__gt": now}).select_related("article")
        coming += [Coming(getattr(row, name), kind, row.article) for row in later]
    context = around(request, title=_("Scheduled"), coming=sorted(coming, key=lambda thing: thing.at))
    return TemplateResponse(request, "admin/newsroom/article/scheduled.html", context)
