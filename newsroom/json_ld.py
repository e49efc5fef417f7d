"""Articles as search engines read them (schema.org, as JSON-LD)."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from newsroom.domain.article_page import ArticlePage
from newsroom.models import Article

MOST_HEADLINE = 110  # characters that search engines show
_HIDDEN = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def absolute(path: str) -> str:
    """Return the address of one of our paths."""
    return f"{settings.SITE_ORIGIN}{path}"


def script(data: dict[str, Any]) -> SafeString:
    """Return the data as JSON that cannot end the element in which it stands."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_HIDDEN))  # noqa: S308 - no markup is left in it.


def publisher() -> dict[str, Any]:
    """Return who we are."""
    return {
        "@type": "NewsMediaOrganization",
        "name": f"Streetlight {settings.TOWN}",
        "url": absolute("/"),
        "correctionsPolicy": absolute(reverse("corrections")),
    }


def article(page: ArticlePage) -> dict[str, Any]:
    """Return an article as a NewsArticle with its corrections."""
    shown = page.article
    url = absolute(reverse("article", args=[shown.slug]))
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": shown.headline[:MOST_HEADLINE],
        "description": shown.standfirst,
        "url": url,
        "mainEntityOfPage": url,
        "inLanguage": settings.LANGUAGE_CODE,
        "isAccessibleForFree": True,
        "articleSection": shown.topic.name,
        "contentLocation": [{"@type": "Place", "name": place} for place in places(shown)],
        "author": _author(shown),
        "publisher": publisher(),
        "datePublished": _local(shown.publish_at),
        "dateModified": _local(page.changed),
    }
    if image := shown.lead_image:
        size = {"width": image.width, "height": image.height}
        words = {"caption": image.caption, "creditText": image.credit}
        found["image"] = [{"@type": "ImageObject", "url": absolute(image.picture.src), **size, **words}]
    if page.corrections:
        found["correction"] = [
            {"@type": "CorrectionComment", "text": correction.text, "datePublished": _local(correction.at)}
            for correction in page.corrections
        ]
    return found


def places(article: Article) -> list[str]:
    """Return the names of the article's areas in the town, the town's without one."""
    return [f"{area.name}, {settings.TOWN}" for area in article.areas.all()] or [settings.TOWN]


def _author(article: Article) -> dict[str, Any]:
    if author := article.author:
        return {"@type": "Person", "name": author.name, "url": absolute(reverse("author", args=[author.slug]))}
    return {"@type": "Organization", "name": article.byline, "url": absolute("/")}


def _local(when: datetime | None) -> str:
    """Return an instant by the town's clock (ISO 8601)."""
    return timezone.localtime(when).isoformat()
