"""Articles as schema.org data in JSON-LD, for search engines."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from newsroom.models import Article

MOST_HEADLINE = 110  # characters that search engines show
SHARED = {"width": 1200, "height": 630}  # pixels of our own picture, as networks show shared links
_HIDDEN = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def absolute(path: str) -> str:
    """Return the absolute address of a path of this site."""
    return f"{settings.SITE_ORIGIN}{path}"


def script(data: dict[str, Any]) -> SafeString:
    """Return the data as JSON that cannot end its script element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_HIDDEN))  # noqa: S308 - no markup is left in it.


def publisher() -> dict[str, Any]:
    """Return the site as a news organisation."""
    return {
        "@type": "NewsMediaOrganization",
        "name": f"Streetlight {settings.PLACE}",
        "url": absolute("/"),
        "correctionsPolicy": absolute(reverse("corrections")),
    }


def article(news: Article) -> dict[str, Any]:
    """Return an article as a NewsArticle with its corrections."""
    url = absolute(reverse("article", args=[news.slug]))
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": news.headline[:MOST_HEADLINE],
        "description": news.standfirst,
        "url": url,
        "mainEntityOfPage": url,
        "inLanguage": settings.LANGUAGE_CODE,
        "isAccessibleForFree": True,
        "articleSection": str(news.topic or ""),
        "contentLocation": [{"@type": "Place", "name": place} for place in places(news)],
        "author": _author(news),
        "publisher": publisher(),
        "datePublished": _local(news.publish_at),
        "dateModified": _local(news.changed),
        "image": [_image(news)],
    }
    if corrections := news.corrections.all():
        data["correction"] = [
            {
                "@type": "CorrectionComment",
                "text": correction.text,
                "datePublished": _local(correction.at),
            }
            for correction in corrections
        ]
    return data


def places(article: Article) -> list[str]:
    """Return the names of the article's areas with the place, or the place if it has none."""
    return [f"{area.name}, {settings.PLACE}" for area in article.areas.all()] or [
        settings.PLACE.name
    ]


def _image(article: Article) -> dict[str, Any]:
    """Return the lead picture, or without one the picture that all our shared links have."""
    if image := article.lead_image:
        size = {"width": image.width, "height": image.height}
        words = {"caption": image.caption, "creditText": image.credit}
        return {"@type": "ImageObject", "url": absolute(image.picture.src), **size, **words}
    return {"@type": "ImageObject", "url": absolute(static("img/share.png")), **SHARED}


def _author(article: Article) -> dict[str, Any]:
    if author := article.author:
        return {
            "@type": "Person",
            "name": author.name,
            "url": absolute(reverse("author", args=[author.slug])),
        }
    return {"@type": "Organization", "name": article.byline, "url": absolute("/")}


def _local(when: datetime | None) -> str:
    """Return an instant in the place's time zone (ISO 8601)."""
    return timezone.localtime(when).isoformat()
