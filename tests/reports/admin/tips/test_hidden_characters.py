"""Wherever the desk shows a sender's words, what no eye sees stands as a mark; public pages stay as they are."""

import re
from collections.abc import Callable

from reports.models import Tip
from tests.reports.admin.tip_page import address

RLO, ZWSP, ACUTE = "\u202e", "\u200b", "\u0301"
PLATE = f"AB{ZWSP}12 CDE"
SHOWN = f'AB<bdi class="mark-char" title="zero width space" data-code="U+200B">{ZWSP}</bdi>12 CDE'

type Send = Callable[..., Tip]


def labels(page):
    """Return what the marks of a page say."""
    return re.findall(r'class="mark-char"[^>]* data-code="([^"]*)"', page)


def without_marks(page):
    """Return a page without its marks and what stands in them: nothing hidden may be left."""
    return re.sub(r"<bdi class=\"mark-char\".*?</bdi>", "", page, flags=re.DOTALL)


def test_a_tips_page_marks_text_and_answers(unlocked, send):
    tip = send(
        f"He says {RLO}SDRAWKCAB. {PLATE}. e{ACUTE * 5000}",
        numbers=PLATE,
        people="Urdu می\u200cخواهم",
    )
    page = unlocked.get(address(tip)).text
    assert {"U+202E", "5000 accents", "U+200B"} <= set(labels(page))
    assert page.count(SHOWN) >= 3, (
        "once as it came, once beside the box for our words, and in the answer"
    )
    assert "می\u200cخواهم" in page, "a joiner that does its work is left"
    assert not re.search(f"[{RLO}{ZWSP}]|{ACUTE}{{5}}", without_marks(page))


def test_the_queues_first_lines_and_the_related_tips_mark_them(unlocked, send):
    tip = send(f"{PLATE} stood x{ACUTE * 200} there.")
    send(f"Again {PLATE}.")
    unlocked.get("/admin/reports/tip/")
    queue = unlocked.post("/admin/reports/tip/", {"lines": "show"}).text
    assert f'<q class="line" dir="auto">{SHOWN} stood x<bdi' in queue
    assert {*labels(queue)} == {"U+200B", "200 accents"}
    related = unlocked.get(address(tip, "related")).text
    assert f'Both mention the number plate <b class="typed">{SHOWN}</b>' in related


def test_numbers_inside_urdu_are_read_from_left_to_right(unlocked, send):
    urdu = "اس کا نمبر 07700 900123 ہے۔"
    page = unlocked.get(address(send(urdu, numbers=urdu))).text
    shown = 'اس کا نمبر <bdi dir="ltr">07700 900123</bdi> ہے۔'
    assert page.count(shown) >= 3, "the text, beside the box for our words, and the answer"
    related = unlocked.get(address(send("His number is 07700 900123."))).text
    assert '<bdi dir="ltr">' not in related
