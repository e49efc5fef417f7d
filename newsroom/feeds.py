"""Atom feeds of everything, a topic or an area: the newest articles in full, with ids that outlive a new slug."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from core.responses import public
from newsroom import json_ld
from newsroom.domain import listing, public_pages
from newsroom.domain.listing import Section
from newsroom.models import Article

_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(?=/[^/])')
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class FullFeed(Atom1Feed):
    """An Atom feed whose entries hold the whole article."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Add the whole article to Django's elements."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@public
def feed(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Return the feed of everything, or of one topic or area."""
    contents = listing.feed(kind=kind, slug=slug, most=public_pages.FEED)
    if contents is None:
        raise Http404
    section, articles = contents
    made = _feed(request.path, section)
    for article in articles:
        made.add_item(**_entry(article))
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)


def _feed(path: str, section: Section | None) -> FullFeed:
    """Return the feed at a path, without its articles."""
    site = f"Streetlight {settings.PLACE}"
    return FullFeed(
        title=f"{section}: {site}" if section else site,
        subtitle="Local crime news, and a private way to tell us what you know.",
        link=json_ld.absolute(path.removesuffix("feed/")),
        description="",
        language=settings.LANGUAGE_CODE,
        author_name=site,
        feed_url=json_ld.absolute(path),
        feed_guid=_tag(path.strip("/").replace("/", "-")),
    )


def _entry(article: Article) -> dict[str, Any]:
    """Return what the feed says of an article: its whole text, with absolute addresses, and an id for good."""
    content = render_to_string("newsroom/_entry.html", {"article": article})
    return {
        "title": _fit(article.headline),
        "link": json_ld.absolute(reverse("article", args=[article.slug])),
        "description": _fit(article.standfirst),
        "unique_id": _tag(f"story-{article.pk}"),
        "author_name": _fit(article.author.name if article.author else article.byline),
        "pubdate": article.publish_at,
        "updateddate": article.changed,
        "categories": [str(article.topic or ""), *(area.name for area in article.areas.all())],
        "content": _fit(_OWN_ADDRESS.sub(rf"\1{settings.SITE_ORIGIN}", content)),
    }


def _tag(name: str) -> str:
    """Return a tag URI (RFC 4151). It must never change, or feed readers show old articles as new."""
    return f"tag:{urlsplit(settings.SITE_ORIGIN).hostname},2024:{name}"


def _fit(text: str) -> str:
    """Return the text without characters that XML forbids."""
    return _UNFIT_FOR_XML.sub("", text)
