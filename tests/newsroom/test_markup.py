from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import markup

DIGEST = "0123456789abcdef" * 2

PIECES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<p style='color:red'>",
    "<svg/onload=alert(1)>", "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHM+)", "![a](javascript:x)", "![a](https://elsewhere.example/x.png)",
    "![a](/media/x.png)", "[a](https://example.org 'onclick=x')", "| a | b |\n|:-:|--:|\n| 1 | 2 |\n",
    "<a href=\"vbscript:x\" onmouseover='x'>", "<style>p{}</style>", "<iframe src=//x>", "&#x6A;avascript:",
    "```\n<script>\n```\n", "# A\n", "#### D\n", "> ", "- ", "\n\n", "*", "_", "`", "<", ">", "\"", "'",
    "[x]: javascript:alert(1)\n\n[x]", "<https://example.org/\"onx=1>", "\u0000", "\u202e", "<!--", "-->",
    "<base href=//x>", f"![\"onload=x](image:{DIGEST}-9x9 '<script>')", f"![a](image:{DIGEST}-9x9)",
]  # fmt: skip
ANYTHING = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=12).map(
    "".join
)


class Tags(HTMLParser):
    """Collect every start tag with its attributes, and the order of headings."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def faults_of_attribute(name, value):
    """Yield what a reader must never be sent in an attribute."""
    if name == "style" or name.startswith("on"):
        yield f"attribute {name}"
    scheme, colon, _rest = value.split("/", maxsplit=1)[0].partition(":")
    if name in ("href", "src") and colon and scheme.strip().lower() not in markup.SCHEMES:
        yield f"scheme {scheme}"
    if name in ("src", "srcset") and not value.startswith("/media/images/"):
        yield f"image {value}"


def faults(html):
    """Return what a reader must never be sent."""
    wrong = []
    for tag, attributes in Tags(html).found:
        if tag not in markup.TAGS:
            wrong.append(f"tag {tag}")
        for name, value in attributes.items():
            wrong += faults_of_attribute(name, value or "")
        if tag == "a" and "href" in attributes and attributes.get("rel") != markup.LINK_REL:
            wrong.append("link without rel")
    return wrong


@given(ANYTHING)
def test_to_html_never_gives_script_style_handler_or_foreign_image(text):
    assert faults(markup.to_html(text)) == []


@pytest.mark.parametrize(
    "source",
    [
        *(
            "https://elsewhere.example/x.png",
            "//elsewhere.example/x.png",
            "/media/x.png",
            "/media/../x.png",
            "image:x",
        ),
        *(
            f"image:{DIGEST}",
            f"image:{DIGEST}-0x9",
            f"image:{DIGEST.upper()}-9x9",
            f"image:../{DIGEST}-9x9",
        ),
    ],
)
def test_to_html_shows_only_the_words_of_images_that_are_not_our_own(source):
    assert markup.to_html(f"![b]({source})") == "<p>b</p>\n"


def test_to_html_shows_our_own_image_in_every_size_there_is():
    own = f"/media/images/{DIGEST}"
    assert markup.to_html(f"A ![b & “c”](image:{DIGEST}-900x600)") == (
        f'<p>A <picture><source type="image/webp" srcset="{own}/480.webp 480w, {own}/900.webp 900w"'
        ' sizes="(min-width: 60rem) 42rem, 100vw">'
        f'<img src="{own}/900.jpg" srcset="{own}/480.jpg 480w, {own}/900.jpg 900w"'
        ' sizes="(min-width: 60rem) 42rem, 100vw" alt="b &amp; “c”" width="900" height="600" loading="lazy">'
        "</picture></p>\n"
    )


def test_to_html_makes_an_image_alone_a_figure_with_its_title_as_caption():
    html = markup.to_html(f'![b](image:{DIGEST}-400x300 "A <b>van</b>. Photo: us")')
    assert [tag for tag, _ in Tags(html).found] == [
        "figure",
        "picture",
        "source",
        "img",
        "figcaption",
    ]
    assert html.endswith("<figcaption>A &lt;b&gt;van&lt;/b&gt;. Photo: us</figcaption></figure>\n")


def test_images_names_each_image_with_its_words_but_none_in_code():
    assert markup.images("![a *b*](x) and ![](y)\n\n```\n![c](z)\n```\n") == [
        ("a *b*", "x"),
        ("", "y"),
    ]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A", ["h2"]),
        ("#### A", ["h2"]),
        ("## A\n\n#### B\n\n## C", ["h2", "h3", "h2"]),
        ("## A\n\n### B\n\n#### C", ["h2", "h3", "h4"]),
    ],
)
def test_to_html_keeps_headings_in_order(text, levels):
    assert [tag for tag, _ in Tags(markup.to_html(text)).found] == levels
