"""What tells an edition which articles changed, and whose pages name them."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from newsroom.domain import article_groups, changes, editing, images, revisions, sections
from newsroom.domain.changes import Version
from newsroom.models import Article, Image
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_appeal,
    make_area,
    make_article,
    make_author,
    make_correction,
)

pytestmark = pytest.mark.django_db

GROUP = "5e6f7a1c-9a2b-4c3d-8e4f-000000000001"


def begun(slug: str, **fields: object) -> Article:
    """Return an article with its first revision."""
    article = make_article(slug, **fields)
    revisions.record(article=article, before=None, made_by="ed", at=NOON)
    return article


def revised(since: Version) -> set[int] | None:
    return changes.revised(since=since, now=changes.version(), at=datetime.now(UTC))


def test_an_article_that_was_changed_is_told_and_no_other(ed: User) -> None:
    article, _other = begun("one"), begun("two")
    since = changes.version()
    assert revised(since) == set()
    editing.correct(article=article, by=ed, text="Not nine, but ten.")
    assert revised(since) == {article.pk}


def test_what_has_no_revisions_makes_another_version() -> None:
    article, other = make_article("one"), make_article("two")
    image = Image.objects.create(digest="0" * 32, width=1, height=1, alt="A door", credit="Desk")
    sorts = [article.topic, make_area(), make_author()]
    versions = {changes.version()}
    for section in sorts:
        section.name = "Another"
        sections.keep(section=section)
        versions.add(changes.version())
    image.caption = "The door"
    images.reword(image=image)
    versions.add(changes.version())
    article_groups.add(group=GROUP, article=other.pk)
    versions.add(changes.version())
    assert len(versions) == 6
    article_groups.remove(group=GROUP, article=other.pk)
    assert changes.version() in versions


def test_what_changes_by_itself_is_told_once() -> None:
    appearing = make_article("appearing", publish_at=NOON)
    corrected, opening, closing = make_article("corrected"), make_article("opening"), make_article("closing")
    make_correction(corrected, at=NOON)
    make_appeal(opening, opens=NOON)
    make_appeal(closing, closes=NOON)
    expected = {article.pk for article in (appearing, corrected, opening, closing)}
    assert changes.changed_by_time(since=NOON - HOUR / 60, at=NOON) == expected
    assert changes.changed_by_time(since=NOON, at=NOON + HOUR) == set()
