"""A number inside Urdu is isolated from left to right; what is typed is escaped, and copied as it was typed."""

import html
import re

import pytest

from reports.templatetags.hidden_characters import show_hidden
from reports.templatetags.reading_order import numbers_in_order

URDU = "اس کا نمبر"
ISOLATED = f'{URDU} <bdi dir="ltr">07700 900123</bdi> ہے۔'
HOSTILE = [
    f"{URDU} <script>alert(1)</script> 07700 900123",
    f'{URDU} "><bdi dir="rtl">1 2</bdi> & 3 4',
    f"{URDU} 1 <2 3> 4&5 6'\" onload=1",
    f"&lt;{URDU} 1 2&gt;",
]


@pytest.mark.parametrize("show", [numbers_in_order, show_hidden])
def test_a_number_inside_urdu_stands_in_its_order(show):
    assert callable(show)
    assert show(f"{URDU} 07700 900123 ہے۔") == ISOLATED
    assert show("His number is 07700 900123 & more.") == "His number is 07700 900123 &amp; more."


@pytest.mark.parametrize("show", [numbers_in_order, show_hidden])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_was_typed_is_escaped_and_copied_as_it_was_typed(show, text):
    assert callable(show)
    drawn = str(show(text))
    assert set(re.findall(r"<[^>]*>", drawn)) <= {"</bdi>", '<bdi dir="ltr">'}
    assert html.unescape(re.sub(r"<[^>]*>", "", drawn)) == text


def test_a_number_behind_something_hidden_is_isolated_too():
    drawn = show_hidden(f"{URDU}\u200b07700 900123")
    assert drawn.endswith('<bdi dir="ltr">07700 900123</bdi>')
    assert drawn.count("<bdi") == 2
