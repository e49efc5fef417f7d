"""The story that tells what came of an enquiry: recorded, public ones only, and the newsroom learns no more."""

import pytest
from django.contrib.auth.models import User

from newsroom.models import Article, Topic
from reports.domain.outcomes import articles
from reports.models import AuditEvent, Enquiry
from tests.newsroom.articles import make_article, related_slugs


@pytest.fixture
def stories(db: None) -> list[Article]:
    """Return two stories that share nothing."""
    other = Topic.objects.create(slug="other", name="Other")
    return [make_article("arrests"), make_article("sentenced", topic=other)]


def test_stories_told_by_the_same_enquiry_are_related(
    enquiry: Enquiry, stories: list[Article], caseworker: User
) -> None:
    first, second = stories
    assert related_slugs(first) == []
    articles.add_article(enquiry=enquiry, article=first.pk, by=caseworker)
    assert Enquiry.objects.get().article == first
    articles.add_article(enquiry=enquiry, article=second.pk, by=caseworker)
    assert (Enquiry.objects.get().article, enquiry.article_id) == (second, second.pk)
    assert related_slugs(first) == ["sentenced"]
    assert [story.slug for story in articles.stories(enquiry=enquiry)] == ["sentenced", "arrests"]
    assert articles.choices(enquiry=enquiry) == []
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject, event.detail["article"]) == ("told", enquiry.subject, second.pk)


def test_story_that_was_named_by_mistake_is_taken_off_again(
    enquiry: Enquiry, stories: list[Article], caseworker: User
) -> None:
    first, second = stories
    for story in stories:
        articles.add_article(enquiry=enquiry, article=story.pk, by=caseworker)
    for _ in range(2):
        articles.untell(enquiry=enquiry, article=second.pk, by=caseworker)
    assert Enquiry.objects.get().article == first
    assert related_slugs(first) == []
    articles.untell(enquiry=enquiry, article=first.pk, by=caseworker)
    assert Enquiry.objects.get().article is None
    assert AuditEvent.objects.filter(act="untold").count() == 2
