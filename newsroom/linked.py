"""Stories as search engines read them (schema.org, as JSON-LD)."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from newsroom.domain.showing import Shown

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


def article(story: Shown) -> dict[str, Any]:
    """Return a story as a NewsArticle with its corrections."""
    url = absolute(reverse("article", args=[story["slug"]]))
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story["headline"][:MOST_HEADLINE],
        "description": story["standfirst"],
        "url": url,
        "mainEntityOfPage": url,
        "inLanguage": settings.LANGUAGE_CODE,
        "isAccessibleForFree": True,
        "articleSection": story["topic"]["name"],
        "contentLocation": [{"@type": "Place", "name": place} for place in places(story)],
        "author": _author(story),
        "publisher": publisher(),
        "datePublished": story["publish_at"].isoformat(),
        "dateModified": story["changed"].isoformat(),
    }
    if image := story["lead_image"]:
        size = {"width": image["width"], "height": image["height"]}
        words = {"caption": image["caption"], "creditText": image["credit"]}
        found["image"] = [{"@type": "ImageObject", "url": absolute(image["picture"].src), **size, **words}]
    if story["put_right"]:
        found["correction"] = [
            {"@type": "CorrectionComment", "text": correction["text"], "datePublished": correction["at"].isoformat()}
            for correction in story["put_right"]
        ]
    return found


def places(story: Shown) -> list[str]:
    """Return the names of the story's areas in the town, the town's without one."""
    return [f"{area['name']}, {settings.TOWN}" for area in story["areas"]] or [settings.TOWN]


def _author(story: Shown) -> dict[str, Any]:
    if author := story["author"]:
        return {"@type": "Person", "name": author["name"], "url": absolute(reverse("author", args=[author["slug"]]))}
    return {"@type": "Organization", "name": story["byline"], "url": absolute("/")}
