"""Markdown to HTML that is safe to show to anybody: pure, no Django, no database."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

OWN_IMAGES = "/media/"

TAGS = frozenset(
    {"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "a", "code", "pre", "hr", "br"}
    | {"img", "table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
LINK_REL = "nofollow noopener noreferrer"

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _in_order(tokens: list[Token]) -> list[Token]:
    """Give headings levels that start at two, below the page's own title, and never skip one going down."""
    level = 1
    for opening, closing in zip(
        (token for token in tokens if token.type == "heading_open"),
        (token for token in tokens if token.type == "heading_close"),
        strict=True,
    ):
        level = min(max(int(opening.tag[1:]), 2), level + 1)
        opening.tag = closing.tag = f"h{level}"
    return tokens


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep an image only when it is one of our own."""
    if tag == "img" and name == "src" and not (value.startswith(OWN_IMAGES) and ".." not in value):
        return None
    return value


def to_html(text: str) -> str:
    """Return `text` (Markdown) as HTML without script, style, handler, frame or foreign image; links carry a rel.

    HTML inside the Markdown is shown as text. Headings begin at h2.
    """
    tokens = _in_order(_parser.parse(text))
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
    )
