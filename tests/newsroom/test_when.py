from datetime import UTC, date, datetime

import pytest
from django.template import engines

SUMMER = datetime(2023, 6, 30, 23, 30, 1, 5, tzinfo=UTC)  # when the town's clock shows the first of July


def said(source: str, when: date | None) -> str:
    return engines["django"].from_string("{% load when %}" + source).render({"when": when})


@pytest.mark.parametrize(
    ("when", "day", "short", "iso"),
    [
        (SUMMER, "1 July 2023", "1 Jul 2023", "2023-07-01T00:30:01.000005+01:00"),
        (date(2023, 11, 22), "22 November 2023", "22 Nov 2023", "2023-11-22"),
        (None, "", "", ""),
    ],
)
def test_days_and_instants_are_told_by_the_towns_clock(when: date | None, day: str, short: str, iso: str) -> None:
    assert said("{{ when|day }}", when) == day == said("{{ when|date:'j F Y' }}", when)
    assert said("{{ when|day:'j M Y' }}", when) == short
    assert said("{{ when|iso }}", when) == iso
