"""Stories as search engines read them (schema.org, as JSON-LD)."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

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


def article(story: Article) -> dict[str, Any]:
    """Return a story, read with `pages.whole`, as a NewsArticle with its corrections."""
    url = absolute(reverse("article", args=[story.slug]))
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline[:MOST_HEADLINE],
        "description": story.standfirst,
        "url": url,
        "mainEntityOfPage": url,
        "inLanguage": settings.LANGUAGE_CODE,
        "isAccessibleForFree": True,
        "articleSection": story.topic.name,
        "contentLocation": [{"@type": "Place", "name": place} for place in places(story)],
        "author": _author(story),
        "publisher": publisher(),
    }
    if story.publish_at:
        found["datePublished"] = timezone.localtime(story.publish_at).isoformat()
        found["dateModified"] = timezone.localtime(changed(story)).isoformat()
    if image := story.lead_image:
        size = {"width": image.width, "height": image.height}
        words = {"caption": image.caption, "creditText": image.credit}
        found["image"] = [{"@type": "ImageObject", "url": absolute(image.picture.src), **size, **words}]
    if put_right := vars(story)["put_right"]:
        found["correction"] = [
            {
                "@type": "CorrectionComment",
                "text": correction.text,
                "datePublished": timezone.localtime(correction.at).isoformat(),
            }
            for correction in put_right
        ]
    return found


def changed(story: Article) -> Any:
    """Return when readers last got something new of a story that is out."""
    instants = [story.publish_at, story.updated_at, *(correction.at for correction in vars(story)["put_right"])]
    return max(instant for instant in instants if instant)


def places(story: Article) -> list[str]:
    """Return the names of the story's areas in the town, the town's without one."""
    return [f"{area.name}, {settings.TOWN}" for area in story.areas.all()] or [settings.TOWN]


def _author(story: Article) -> dict[str, Any]:
    if story.author:
        url = absolute(reverse("author", args=[story.author.slug]))
        return {"@type": "Person", "name": story.author.name, "url": url}
    return {"@type": "Organization", "name": story.byline, "url": absolute("/")}
