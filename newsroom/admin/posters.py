"""Posters and cards to print, and a link for other sites, for a story that asks readers for information."""

from collections.abc import Mapping
from typing import NamedTuple

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core import catalogues
from core.languages import ENGLISH, RIGHT_TO_LEFT
from core.place import Number
from core.rights import needs
from newsroom.admin.base import CHANGE, around
from newsroom.admin.forms import SHEETS, SheetForm
from newsroom.models import Appeal

# The longest question of an appeal that is read from the road; the poster asks ours instead of a longer one.
MOST_WORDS = 8
MOST_CHARACTERS = 40


class Block(NamedTuple):
    """What a sheet needs of a language: `url` opens the story, or where stories are not in it, its start page.

    `question` is the appeal's, where it is short enough and in this language; "" for ours.
    """

    code: str
    name: str
    direction: str
    url: str
    question: str
    unchecked: bool

    @property
    def address(self) -> SafeString:
        """The address to type, in English of the list of appeals, on one line."""
        url = self.url
        if self.code == ENGLISH:
            url = settings.SITE_ORIGIN + reverse("appeals")
        host, _slash, path = url.split("://")[1].partition("/")
        return format_html("{}/<wbr>{}", host, path)

    @property
    def numbers(self) -> Mapping[str, Number]:
        """The numbers to call, as the language spoken now says them: that of the block, where a sheet draws it."""
        return settings.PLACE.translated(_).numbers

    @property
    def square(self) -> SafeString:
        """A QR code of the address as SVG, with half the empty border that phones need; the sheet adds the rest."""
        code = segno.make(self.url, error="m")
        return mark_safe(code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S308 - our own


def block(appeal: Appeal, code: str) -> Block:
    """Return what a sheet about an appeal needs of a language that the site offers."""
    path = f"/{code}/"
    question = ""
    if code == ENGLISH:
        path = reverse("article", args=[appeal.article.slug])
        words = len(appeal.title.split())
        if words <= MOST_WORDS and len(appeal.title) <= MOST_CHARACTERS:
            question = appeal.title
    direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
    unchecked = catalogues.is_unchecked(code, settings.LOCALE_PATHS[0])
    name = dict(settings.LANGUAGES)[code]
    return Block(code, name, direction, settings.SITE_ORIGIN + path, question, unchecked)


@never_cache
@needs(get=CHANGE)
def posters(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what can be printed and copied for an open appeal; with `?sheet=`, that sheet as it comes on paper."""
    appeal = get_object_or_404(Appeal.objects.open().select_related("article"), pk=pk)
    form = SheetForm(request.GET or None)
    if form.is_valid():
        chosen = [form.cleaned_data["first"] or ENGLISH, form.cleaned_data["second"]]
        blocks = [block(appeal, code) for code in dict.fromkeys(filter(None, chosen))]
        context = {"appeal": appeal, "blocks": blocks, "pair": [blocks[0], blocks[-1]]}
        return render(request, f"reports/paper/{form.cleaned_data['sheet']}.html", context)
    blocks = [block(appeal, code) for code, _name in settings.LANGUAGES]
    context = around(
        request, title="Posters and a link for other sites", appeal=appeal, article=appeal.article
    )
    context |= {"form": form, "sheets": SHEETS.items(), "blocks": blocks, "english_code": ENGLISH}
    return render(request, "admin/newsroom/appeal/posters.html", context)
