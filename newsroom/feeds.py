"""Atom feeds: of everything, of a topic, of an area; the newest stories in full, with ids that outlive a new slug."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from newsroom import linked
from newsroom.domain import listing, public_pages, showing
from newsroom.models import Area, Article, Topic
from newsroom.responses import public

SECTIONS: dict[str, Any] = {"": None, "topic": Topic, "area": Area}
BEFORE_ANY = datetime(2024, 1, 1, tzinfo=UTC)  # when a feed without a story was last changed
_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(?=/[^/])')
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class FullFeed(Atom1Feed):
    """An Atom feed whose entries hold the whole story."""

    def latest_post_date(self) -> datetime:
        """Return when its newest entry changed: the same for the same entries, also without one."""
        return max((item["updateddate"] for item in self.items), default=BEFORE_ANY)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Add the whole story to what Django writes."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@public
def feed(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Answer with the newest stories, of one topic or area where one is named."""
    found = listing.feed(of=SECTIONS[kind], slug=slug, most=public_pages.FEED)
    if found is None:
        raise Http404
    section, stories = found
    response = HttpResponse(_written(request.path, section, stories), content_type=FullFeed.content_type)
    changes = [public_pages.last_change(), *(_changed(story) for story in stories)]
    if last := max((change for change in changes if change), default=None):
        response["Last-Modified"] = http_date(last.timestamp())
    return response


def _written(path: str, section: Topic | Area | None, stories: list[Article]) -> str:
    """Return the feed as text."""
    name = f"Streetlight {settings.TOWN}"
    feed = FullFeed(
        title=f"{section}: {name}" if section else name,
        link=linked.absolute(path.removesuffix("feed/")),
        description="",
        subtitle=_("Local crime news, and a private way to tell what you know."),
        language=settings.LANGUAGE_CODE,
        author_name=name,
        feed_url=linked.absolute(path),
        feed_guid=_tag(path.strip("/").replace("/", "-")),
    )
    for story in stories:
        _add(feed, story)
    return feed.writeString("utf-8")


def _add(feed: FullFeed, story: Article) -> None:
    """Add a story that was read with `pages.whole`."""
    content = render_to_string("newsroom/_entry.html", {"article": story})
    feed.add_item(
        title=_fit(story.headline),
        link=linked.absolute(reverse("article", args=[story.slug])),
        description=_fit(story.standfirst),
        author_name=_fit(story.author.name if story.author else story.byline),
        pubdate=story.publish_at,
        updateddate=_changed(story),
        unique_id=_tag(f"story-{story.pk}"),
        categories=[story.topic.name, *(area.name for area in story.areas.all())],
        content=_fit(_OWN_ADDRESS.sub(rf"\1{settings.SITE_ORIGIN}", content)),
    )


def _changed(story: Article) -> datetime:
    """Return when readers last got something new of a story that was read with `pages.whole`."""
    return showing.changed(story.publish_at, story.updated_at, *(right.at for right in vars(story)["put_right"]))


def _tag(name: str) -> str:
    """Return an id (RFC 4151) for something of ours; it must never change, or feed readers show old stories again."""
    return f"tag:{urlsplit(settings.SITE_ORIGIN).hostname},2024:{name}"


def _fit(text: str) -> str:
    """Return the text without the characters that XML cannot hold."""
    return _UNFIT_FOR_XML.sub("", text)
