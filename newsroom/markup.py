"""Markdown to safe HTML. Pure: no Django, no database."""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from newsroom.imaging import addresses

REMEMBERED = 128  # texts in the cache
TAGS = frozenset(
    {
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "em",
        "strong",
        "a",
        "code",
        "pre",
        "hr",
        "br",
    }
    | {
        "picture",
        "source",
        "img",
        "figure",
        "figcaption",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "source": {"type", "srcset", "sizes"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
LINK_REL = "nofollow noopener noreferrer"
OWN_FILE = rf"{re.escape(addresses.ADDRESS)}[0-9a-f]{{32}}/[0-9]+\.(?:webp|jpg)"
OWN_FILES = re.compile(rf"{OWN_FILE}(?: [0-9]+w)?(?:, {OWN_FILE} [0-9]+w)*")


class _Renderer(RendererHTML):
    """Renders the site's own pictures in every size, and only the alternative text of any other."""

    def image(
        self,
        tokens: Sequence[Token],
        place: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Return one image as HTML."""
        token = tokens[place]
        alt = escape(self.renderInlineAsText(token.children, options, env))
        own = addresses.parse(str(token.attrGet("src") or ""))
        if own is None:
            return alt
        return (
            f'<picture><source type="image/webp" srcset="{own.webp}" sizes="{own.sizes}">'
            f'<img src="{own.src}" srcset="{own.srcset}" sizes="{own.sizes}" alt="{alt}"'
            f' width="{own.width}" height="{own.height}" loading="lazy"></picture>'
        )


_parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")


def _level_headings(tokens: list[Token]) -> list[Token]:
    """Set the levels of headings: they start at two, below the page's title, and skip no level."""
    level = 1
    for opening, closing in zip(
        (token for token in tokens if token.type == "heading_open"),
        (token for token in tokens if token.type == "heading_close"),
        strict=True,
    ):
        level = min(max(int(opening.tag[1:]), 2), level + 1)
        opening.tag = closing.tag = f"h{level}"
    return tokens


def _figures(tokens: list[Token]) -> list[Token]:
    """Turn a paragraph of one own picture into a figure; the image's title becomes the caption."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type != "paragraph_open" or opening.hidden or len(inline.children or []) != 1:
            continue
        only = inline.children[0]  # type: ignore[index]
        if only.type != "image" or addresses.parse(str(only.attrGet("src") or "")) is None:
            continue
        opening.tag = closing.tag = "figure"
        if title := only.attrGet("title"):
            inline.children = [only, *_caption(str(title))]
    return tokens


def _caption(text: str) -> list[Token]:
    return [
        Token("caption_open", "figcaption", 1),
        Token("text", "", 0, content=text),
        Token("c", "figcaption", -1),
    ]


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Remove the address of an image that is not the site's own."""
    if name in ("src", "srcset") and not OWN_FILES.fullmatch(value):
        return None
    return value


@lru_cache(maxsize=REMEMBERED)
def to_html(text: str) -> str:
    """Return Markdown as HTML without scripts, styles, handlers, frames or foreign images; links get a rel.

    HTML in the Markdown is shown as text. Headings start at h2. `![alternative text](image:... "caption")` shows one of
    the site's own pictures; `imaging.addresses.Picture.reference` is its address.
    """
    tokens = _figures(_level_headings(_parser.parse(text)))
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
    )


def images(text: str) -> list[tuple[str, str]]:
    """Return the alternative text and the address of every image in a Markdown text."""
    if "![" not in text:
        return []
    found = []
    for block in _parser.parse(text):
        for token in block.children or []:
            if token.type == "image":
                address = str(token.attrGet("src") or "")
                found.append((token.content, address))
    return found
