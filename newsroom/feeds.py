"""Atom feeds of everything, a topic or an area: the newest articles in full, with ids that outlive a new slug."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from newsroom import json_ld
from newsroom.domain import article_page, listing, public_pages
from newsroom.domain.listing import Section
from newsroom.models import Article
from newsroom.responses import public

BEFORE_ANY = datetime(2024, 1, 1, tzinfo=UTC)  # the time of the last change to a feed without an article
_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(?=/[^/])')
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

type Contents = tuple[Section | None, list[Article]]


class FullFeed(Atom1Feed):
    """An Atom feed whose entries hold the whole article."""

    def latest_post_date(self) -> datetime:
        """Return the time of the newest change to an entry, so that equal entries give an equal feed."""
        return max((item["updateddate"] for item in self.items), default=BEFORE_ANY)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Add the whole article to Django's elements."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


class ArticleFeed(Feed):  # type: ignore[type-arg]  # Django's class takes none at run time
    """The feed of one section or of everything; it is called with the result of `listing.feed`."""

    feed_type = FullFeed
    language = settings.LANGUAGE_CODE
    description = ""

    def get_object(self, request: HttpRequest, contents: Contents) -> tuple[str, Contents]:
        """Return the feed's own path and its contents."""
        return request.path, contents

    def title(self, obj: tuple[str, Contents]) -> str:
        """Return the name of the section, if any, and the site's name."""
        section = obj[1][0]
        return f"{section}: {self.author_name()}" if section else self.author_name()

    def subtitle(self) -> str:
        return _("Local crime news, and a private way to tell what you know.")

    def author_name(self) -> str:
        return f"Streetlight {settings.TOWN}"

    def link(self, obj: tuple[str, Contents]) -> str:
        """Return the address of the page whose feed this is."""
        return json_ld.absolute(obj[0].removesuffix("feed/"))

    def feed_url(self, obj: tuple[str, Contents]) -> str:
        return json_ld.absolute(obj[0])

    def feed_guid(self, obj: tuple[str, Contents]) -> str:
        return _tag(obj[0].strip("/").replace("/", "-"))

    def items(self, obj: tuple[str, Contents]) -> list[Article]:
        return obj[1][1]

    def item_title(self, item: Article) -> str:
        return _fit(item.headline)

    def item_description(self, item: Article) -> str:
        return _fit(item.standfirst)

    def item_link(self, item: Article) -> str:
        return json_ld.absolute(reverse("article", args=[item.slug]))

    def item_guid(self, item: Article) -> str:
        """Return an id that outlives a new slug."""
        return _tag(f"story-{item.pk}")

    def item_author_name(self, item: Article) -> str:
        """Return the author's name, or the byline if the article has no author."""
        return _fit(item.author.name if item.author else item.byline)

    def item_pubdate(self, item: Article) -> datetime | None:
        return item.publish_at

    def item_updateddate(self, item: Article) -> datetime:
        return _changed(item)

    def item_categories(self, item: Article) -> list[str]:
        """Return the names of the topic and the areas."""
        return [item.topic.name, *(area.name for area in item.areas.all())]

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        """Return the whole article as HTML with absolute addresses."""
        content = render_to_string("newsroom/_entry.html", {"article": item})
        return {"content": _fit(_OWN_ADDRESS.sub(rf"\1{settings.SITE_ORIGIN}", content))}


@public
def feed(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Return the feed of everything, or of one topic or area."""
    contents = listing.feed(kind=kind, slug=slug, most=public_pages.FEED)
    if contents is None:
        raise Http404
    response: HttpResponse = ArticleFeed()(request, contents)
    # Django dates a feed by its newest entry, but a feed also changes when an article leaves it: its ETag tells.
    del response["Last-Modified"]
    return response


def _changed(article: Article) -> datetime:
    """Return the last change that readers can see of an article from `article_page.in_full`."""
    return article_page.changed(article, vars(article)["due_corrections"])


def _tag(name: str) -> str:
    """Return a tag URI (RFC 4151). It must never change, or feed readers show old articles as new."""
    return f"tag:{urlsplit(settings.SITE_ORIGIN).hostname},2024:{name}"


def _fit(text: str) -> str:
    """Return the text without characters that XML forbids."""
    return _UNFIT_FOR_XML.sub("", text)
