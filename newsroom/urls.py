"""The addresses of the newsroom's public pages."""

from datetime import date
from typing import Any

from django.urls import converters, path, register_converter

from core.file_names import is_slug
from newsroom import feeds, media, sitemaps, views

NOWHERE = "-"


class _Number(converters.IntConverter):
    """A positive number without leading zeros, so that each page has one address."""

    regex = "[1-9][0-9]{0,4}"


class _Month:
    """A month, such as 2024/03, as its first day."""

    regex = "[12][0-9]{3}/(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value.replace('/', '-')}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y/%m}"


class _Slug(converters.SlugConverter):
    """A row's slug. One that is none leads nowhere: it must not break every page that names the row."""

    def to_url(self, value: str) -> str:
        return value if is_slug(value) else NOWHERE


register_converter(_Number, "page")
register_converter(_Slug, "row")
register_converter(_Month, "month")


def _section(kind: str) -> list[Any]:
    """Return the addresses of a kind of section."""
    options = {"kind": kind}
    return [
        path(f"{kind}s/", views.sections, options, name=f"{kind}s"),
        path(f"{kind}s/<row:slug>/", views.section, options, name=kind),
        path(f"{kind}s/<row:slug>/<page:number>/", views.section, options, name=f"{kind}-page"),
    ]


urlpatterns = [
    path("", views.front, name="front"),
    path("news/", views.archive, name="archive"),
    path("news/<month:day>/", views.month, name="month"),
    path("news/<month:day>/<page:number>/", views.month, name="month-page"),
    path("news/<row:slug>/", views.article, name="article"),
    *_section("topic"),
    *_section("area"),
    *_section("author"),
    path("appeals/", views.appeals, name="appeals"),
    path("about/corrections/", views.corrections, name="corrections"),
    path("about/corrections/<page:number>/", views.corrections, name="corrections-page"),
    path("search/", views.search, name="search"),
    path("feed/", feeds.feed, name="feed"),
    path("topics/<row:slug>/feed/", feeds.feed, {"kind": "topic"}, name="topic-feed"),
    path("areas/<row:slug>/feed/", feeds.feed, {"kind": "area"}, name="area-feed"),
    path("sitemap.xml", sitemaps.pages, name="sitemap"),
    path("news-sitemap.xml", sitemaps.news, name="news-sitemap"),
    path("media/images/<str:digest>/<str:name>", media.picture, name="picture"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
]
