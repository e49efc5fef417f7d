"""What holds for every public page's looks: contrast, headings in order, pages that need nothing."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory

from reports.security.errors import bad_request, not_allowed, server_error, stale_form
from reports.views.submit import what_is_kept

ABOUT = ["who-we-are", "how-it-works", "privacy", "promises", "staying-safe", "accessibility"]
CSS = (settings.BASE_DIR / "static" / "css" / "palette.css").read_text(encoding="utf-8")


def colours(scheme):
    """Return the custom properties that are plain colours, in the light or the dark scheme."""
    light, dark = (
        dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6});", block))
        for block in CSS.split(":root {")[1:3]
    )
    return light if scheme == "light" else light | dark


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    """Return the contrast ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.promise("everybody")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("--ink", "--paper", 7),
        ("--ink", "--card", 7),
        ("--soft", "--paper", 4.5),
        ("--soft", "--card", 4.5),
        ("--link", "--paper", 7),
        ("--link", "--card", 7),
        ("--lamp-ink", "--paper", 4.5),
        ("--lamp-ink", "--card", 4.5),
        ("--danger", "--paper", 7),
        ("--danger", "--card", 7),
        ("--on-lamp", "--lamp", 7),
        ("--on-emergency", "--emergency", 7),
        ("--demo-ink", "--demo", 7),
        ("--night-ink", "--night", 7),
        ("--night-soft", "--night", 7),
        ("--focus", "--paper", 3),
        ("--focus", "--card", 3),
        ("--edge", "--paper", 3),
        ("--edge", "--card", 3),
    ],
)
def test_colours_have_enough_contrast(scheme, front, back, least):
    """Colours have enough contrast, light and dark."""
    palette = colours(scheme)
    assert contrast(palette[front], palette[back]) >= least


def lit(back, scheme):
    """Return the colour of a ground where the lamp's glow is strongest."""
    glows = re.findall(r"--glow: rgb\((\d+) (\d+) (\d+) / (\.\d+)\);", CSS)
    *glow, share = glows[scheme == "dark"]
    ground = [int(back[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = [
        round(under + (int(over) - under) * float(share))
        for under, over in zip(ground, glow, strict=True)
    ]
    return "#" + "".join(f"{part:02x}" for part in mixed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "least"), [("--ink", 7), ("--soft", 4.5), ("--link", 4.5), ("--lamp-ink", 4.5)]
)
def test_colours_have_enough_contrast_in_the_lamps_glow(scheme, front, least):
    palette = colours(scheme)
    assert contrast(palette[front], lit(palette["--paper"], scheme)) >= least


class Outline(HTMLParser):
    """Collect the levels of headings."""

    def __init__(self, html):
        super().__init__()
        self.levels = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


def request():
    """Return a request as middleware that never ran leaves it: no user, no session."""
    return RequestFactory().get("/about/privacy/")


def pages():
    """Render every page that needs no article."""
    shown = {
        page: render_to_string(f"reports/about/{page}.html", what_is_kept(), request())
        for page in ABOUT
    }
    shown["404"] = render_to_string("404.html", {}, request())
    for photos in (True, False):
        context = {"photos": photos, "limit": 512 * 1024}
        shown[f"413 photos={photos}"] = render_to_string("413.html", context, request())
    bare = {"400": bad_request(request(), Exception()), "403": not_allowed(request(), Exception())}
    bare |= {"403 csrf": stale_form(request()), "500": server_error(request())}
    return shown | {name: answer.content.decode() for name, answer in bare.items()}


NAMES = [*ABOUT, "404", "413 photos=True", "413 photos=False", "400", "403", "403 csrf", "500"]


@pytest.mark.parametrize("name", NAMES)
def test_pages_need_no_database_and_have_headings_in_order(name):
    levels = Outline(pages()[name]).levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", NAMES)
def test_pages_begin_with_the_emergency_line(name):
    html = pages()[name]
    assert (
        0
        < html.index('<a href="tel:999">999</a>')
        < html.index('class="masthead"')
        < html.index("<h1")
    )


@pytest.mark.parametrize("name", ABOUT)
def test_about_pages_promise_nothing_that_nobody_can_keep(name):
    text = pages()[name].lower()
    for word in ("untraceable", "completely anonymous", "100%", "guarantee", "military"):
        assert word not in text


@pytest.mark.parametrize("demo", [True, False])
def test_every_page_of_a_demonstration_says_so(demo, settings):
    settings.DEMO = demo
    for name, html in pages().items():
        assert ("This is a demonstration. Nobody reads what you send." in html) is demo, name
