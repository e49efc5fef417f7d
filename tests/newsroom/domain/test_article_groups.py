"""Articles of one group name each other while readers can see them; a change of the group requests their pages."""

from uuid import uuid4

import pytest

from newsroom.domain import article_groups
from newsroom.domain.errors import NoSuchMove
from newsroom.models import Article, GroupMembership, Topic
from tests.newsroom.articles import HOUR, NOON, make_article, related_slugs

GROUP = uuid4()


@pytest.fixture
def apart(db: None) -> list[Article]:
    """Return three articles that share nothing, and hours between them in which there are others."""
    topics = [Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}") for number in range(3)]
    for number in range(12):
        make_article(f"between-{number}", publish_at=NOON - number * HOUR)
    return [
        make_article(f"story-{number}", topic=topic, publish_at=NOON - number * 4 * HOUR)
        for number, topic in enumerate(topics)
    ]


def related(article: Article) -> list[str]:
    """Return the slugs of the related articles."""
    return related_slugs(article, at=NOON)


def test_articles_of_one_group_are_related_before_all_others(apart: list[Article]) -> None:
    first, second, third = apart
    assert related(first) == []
    for article in apart:
        article_groups.add(group=GROUP, article=article.pk)
    assert related(first) == ["story-1", "story-2"]
    assert related(second) == ["story-0", "story-2"]
    make_article("same-topic", topic=third.topic, publish_at=NOON - 9 * HOUR)
    make_article("same-topic-later", topic=third.topic, publish_at=NOON - 7 * HOUR)
    assert related(third) == ["story-0", "story-1", "same-topic-later"]


def test_only_articles_that_readers_can_see_are_added_to_a_group_or_named(apart: list[Article]) -> None:
    first, second, _ = apart
    draft = make_article("draft", status="draft")
    with pytest.raises(NoSuchMove, match="Choose a story that readers can see"):
        article_groups.add(group=GROUP, article=draft.pk)
    for article in (first, second):
        article_groups.add(group=GROUP, article=article.pk)
    Article.objects.filter(pk=second.pk).update(status="withdrawn", withdrawn_at=NOON)
    assert related(first) == []
    assert [article.slug for article in article_groups.articles(group=GROUP)] == ["story-0"]
    assert "draft" not in [article.slug for article in article_groups.choices()]


def test_article_is_in_a_group_once_the_last_one_first_and_can_be_removed(apart: list[Article]) -> None:
    first, second, _ = apart
    other = uuid4()
    article_groups.add(group=other, article=second.pk)
    for article in (second, first, second):
        article_groups.add(group=GROUP, article=article.pk)
    assert [article.slug for article in article_groups.articles(group=GROUP)] == ["story-0", "story-1"]
    assert [article_groups.remove(group=GROUP, article=first.pk) for _ in range(2)] == [True, False]
    assert [article.slug for article in article_groups.articles(group=GROUP)] == ["story-1"]
    assert str(GroupMembership.objects.get(group=GROUP)) == f"{GROUP} {second.pk}"
