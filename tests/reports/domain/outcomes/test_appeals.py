"""What came of closed appeals, for the public pages; and how many tips answer each, for staff."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from newsroom.domain.appeals import Answered
from reports.domain.outcomes import appeals
from reports.models import Tip
from tests.newsroom.articles import HOUR, NOON, make_appeal, make_article

type Send = Callable[..., Tip]


@pytest.fixture
def appeal(db: None) -> None:
    """Close an appeal, with a line about what came of it."""
    make_appeal(make_article(), closes=NOON + HOUR, result="Two vans were found.")


def test_public_page_reads_the_file(appeal: None, client: Client) -> None:
    appeals.publish()
    before = (settings.STATE_DIR / "answered.json").stat().st_ino
    appeals.publish()
    assert (settings.STATE_DIR / "answered.json").stat().st_ino == before
    assert appeals.appeals() == [Answered("Do you know?", "Two vans were found.", "/news/a-story/")]
    html = " ".join(client.get("/outcomes/").content.decode().split())
    assert '<a class="headline-link" href="/news/a-story/">Do you know?</a></h3> <p>Two vans were found.</p>' in html


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"title": "x"}]', "null"])
def test_damaged_file_tells_nothing(text: str) -> None:
    (settings.STATE_DIR / "answered.json").write_text(text)
    assert appeals.appeals() == []
