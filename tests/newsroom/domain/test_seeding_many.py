"""Many articles at once: each whole, and mistakes told with their file and line."""

from pathlib import Path

import pytest

from newsroom.domain import revisions, search, seeding
from newsroom.domain.front_matter import SeedError
from newsroom.domain.seeding import Tally
from newsroom.models import Article
from tests.newsroom.domain.test_seeding import GOOD, write

pytestmark = pytest.mark.django_db


def test_load_of_many_leaves_each_article_whole(tmp_path: Path) -> None:
    for name in "abcde":
        text = GOOD.replace("a-story", f"{name}-story").replace("The text.", f"It was {name}{name}{name}.")
        write(tmp_path, text, f"{name}.md")
    assert seeding.load(path=tmp_path) == Tally(new=5)
    for name in "abcde":
        article = Article.objects.get(slug=f"{name}-story")
        counts = [article.areas.count(), article.facts.count(), article.steps.count(), article.links.count()]
        assert counts == [2, 1, 1, 2]
        assert [one.fields for one in article.revisions.all()] == [revisions.snapshot(article)]
        assert [hit.article for hit in search.search(query=f"{name}{name}{name}").hits] == [article]
    write(tmp_path, GOOD.replace("a-story", "d-story"), "d.md")
    assert seeding.load(path=tmp_path) == Tally(changed=1, unchanged=4)
    assert Article.objects.get(slug="d-story").facts.count() == 1
    assert search.search(query="ddd").hits == ()


def test_load_refuses_two_files_with_one_slug(tmp_path: Path) -> None:
    write(tmp_path)
    other = write(tmp_path, GOOD.replace("The text.", "Other."), "b.md")
    with pytest.raises(SeedError) as caught:
        seeding.load(path=tmp_path)
    assert str(caught.value) == f"{other}, line 2: “a-story” is the slug of a.md too."
