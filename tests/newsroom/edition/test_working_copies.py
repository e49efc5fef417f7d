"""The edition and the working copies of articles: nothing of one gets in before it is published, and all of it then."""

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from newsroom.domain import editing, working_copies
from newsroom.edition.build import Builder
from newsroom.models import Article
from tests.newsroom.articles import HOUR, make_article
from tests.newsroom.editors import revised


@pytest.fixture
def builder(transactional_db):
    """Return somebody who makes editions as the server does."""
    revised(make_article(publish_at=timezone.now() - HOUR))
    return Builder(get_wsgi_application())


def pages(made):
    """Return every byte of an edition's pages, by their files."""
    files = [path for path in (made.folder / "pages").rglob("*") if path.is_file()]
    return {str(path.relative_to(made.folder / "pages")): path.read_bytes() for path in files}


def save(headline):
    """Save another headline of the one article that is out."""
    article = Article.objects.get()
    article.headline = headline
    working_copies.save_changes(article=article, by=User.objects.get_or_create(username="ed")[0])
    return article


@pytest.mark.promise("work", control="test_published_changes_are_in_the_next_edition")
def test_saving_a_live_article_changes_no_byte_of_the_edition_and_asks_for_none(
    builder,
):
    """Saving a story that is out, and what is typed there, change no byte that readers get."""
    before = pages(builder.build())
    article = save("Zebrafinch")
    typed = {"headline": ["Zebrafinches"]}
    ed = User.objects.get()
    working_copies.keep_typed(
        article=article, by=ed, typed=typed, seen=editing.seen_now(article, page="mine")
    )
    assert not builder.is_due()
    assert pages(builder.build(every_page=True)) == before


def test_published_changes_are_in_the_next_edition(builder):
    builder.build()
    working_copies.publish_changes(article=save("Zebrafinch"), by=User.objects.get())
    shown = {path for path, body in pages(builder.build()).items() if b"Zebrafinch" in body}
    topic = "topics/drug-supply/index.html"
    assert {"index.html", "news/a-story/index.html", "feed/index.atom", topic} <= shown
