from datetime import timedelta

import pytest

from newsroom.domain import public_pages
from newsroom.models import Redirect
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_appeal,
    make_article,
)

pytestmark = pytest.mark.django_db


def test_gone_is_what_was_withdrawn_after_it_was_out():
    Redirect.objects.create(
        old_slug="before", article=make_article(status="withdrawn", withdrawn_at=NOON)
    )
    make_article("never-out", status="withdrawn", withdrawn_at=NOON - 2 * HOUR)
    make_article("stays")
    assert public_pages.gone(at=NOON) == {"a-story", "before"}
    assert public_pages.gone(at=NOON - HOUR) == set()


def test_next_instant_is_the_first_of_all():
    assert public_pages.next_instant(at=NOON) is None
    article = make_article(publish_at=NOON - timedelta(days=3))
    assert public_pages.next_instant(at=NOON) is None
    make_appeal(article, opens=NOON + 8 * HOUR, closes=NOON + 9 * HOUR)
    assert public_pages.next_instant(at=NOON) == NOON + 8 * HOUR
    assert public_pages.next_instant(at=NOON + 8 * HOUR) == NOON + 9 * HOUR
    make_article("later", status="scheduled", publish_at=NOON + 6 * HOUR)
    assert public_pages.next_instant(at=NOON) == NOON + 6 * HOUR


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_next_instant_leaves_out_articles_that_will_not_appear(status):
    gone = NOON if status == "withdrawn" else None
    article = make_article(status=status, publish_at=NOON + HOUR, withdrawn_at=gone)
    make_appeal(article, opens=NOON + HOUR, closes=NOON + 2 * HOUR)
    assert public_pages.next_instant(at=NOON) is None


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("", ""),
        ("desk@example.org", "mailto:desk@example.org"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
        ("https://example.org/report", "https://example.org/report"),
    ],
)
def test_security_contact_is_a_uri(settings, contact, uri):
    settings.SECURITY_CONTACT = contact
    assert public_pages.security_contact() == uri
