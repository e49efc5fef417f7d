"""Whatever is done in the newsroom, an edition made of what verbs name is the one that rendering every page makes."""

import itertools
import random
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from newsroom.domain import (
    appeals,
    editing,
    outcome_notice,
    public_pages,
    revisions,
    working_copies,
)
from newsroom.edition import paths
from newsroom.edition.build import EXTENSIONS, Builder
from newsroom.edition.page import render
from newsroom.models import Appeal, Article, Topic
from tests.newsroom.articles import HOUR, make_area, make_article
from tests.newsroom.editors import rename

EVENT = UUID(int=7)


class Editor:
    """An editor who does one thing after the other, by chance."""

    def __init__(self, seed, *, stories):
        self.chance, self.user = random.Random(seed), User.objects.create_user("ed")
        self.topics = [
            Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}")
            for number in range(2)
        ]
        self.areas = [make_area(slug) for slug in ("olney", "bradwell", "wolverton")]
        now = timezone.now()
        for number in range(stories):
            self.new(f"story-{number}", status="published", publish_at=now - number * HOUR - HOUR)

    def new(self, slug, **fields):
        article = make_article(slug, topic=self.chance.choice(self.topics), **fields)
        article.areas.set(self.chance.sample(self.areas, self.chance.randrange(3)))
        revisions.add(article=article, before=None, made_by="ed", at=timezone.now())
        return article

    def out(self):
        return self.chance.choice(list(Article.objects.published().select_related("topic")))

    def publish(self):
        slug = f"new-{Article.objects.count()}"
        editing.publish(article=self.new(slug, status="draft", publish_at=None), by=self.user)

    def correct(self):
        editing.correct(article=self.out(), by=self.user, text="It was a Wednesday.")

    def withdraw(self):
        editing.withdraw(article=self.out(), by=self.user, note="It was about another street.")

    def rename(self):
        article = self.out()
        rename(article, f"{article.slug}-again", by=self.user)

    def amend(self):
        article = self.out()
        article.headline = f"{article.headline}, again"
        working_copies.save_changes(article=article, by=self.user)
        working_copies.publish_changes(article=article, by=self.user)

    def move(self):
        article = self.out()
        article.topic = self.chance.choice(self.topics)
        parts = [lambda: article.areas.set(self.chance.sample(self.areas, 2))]
        working_copies.save_changes(article=article, by=self.user, parts=parts)
        if working_copies.find(article=article):
            working_copies.publish_changes(article=article, by=self.user)

    def pin(self):
        editing.pin(article=self.out(), by=self.user)

    def ask(self):
        appeal = Appeal(
            article=self.out(),
            title="Do you know?",
            prompt="Small things count.",
            opens=timezone.now(),
        )
        appeals.ask(appeal=appeal, by=self.user)

    def tell(self):
        outcome_notice.show_notice(article=self.out(), band=(5, 9), event=EVENT)

    def untell(self):
        outcome_notice.untell(article=self.out())


ACTS = [
    *(
        Editor.publish,
        Editor.correct,
        Editor.withdraw,
        Editor.rename,
        Editor.amend,
        Editor.move,
        Editor.pin,
    ),
    *(Editor.ask, Editor.tell, Editor.tell, Editor.untell),
]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.whole)])
def test_named_articles_make_the_edition_that_all_pages_make(transactional_db, seed, whole):
    """Each act comes once; in the whole twice, and so after others as well, among more stories and looked at alone."""
    editor, application = Editor(seed, stories=16 if whole else 2), get_wsgi_application()
    builder = Builder(application)
    builder.build()
    acts = ACTS * 2 if whole else ACTS
    for together in itertools.batched(
        editor.chance.sample(acts, len(acts)), 1 if whole else len(acts)
    ):
        for act in together:
            act(editor)
        folder = builder.build().folder / "pages"
        assert not builder.is_due()
        pages = {
            paths.file_for(page.path, EXTENSIONS.get(page.kind, "html")): page.path
            for page in public_pages.all_pages()
        }
        files = {
            str(path.relative_to(folder))
            for path in folder.rglob("*.*")
            if path.suffix not in (".gz", ".br")
        }
        assert {file for file in files if (folder / file).is_file()} == pages.keys()
        for file, path in pages.items():
            rendered = render(application, path).body
            assert ((folder / file).read_bytes() == rendered, path, together) == (
                True,
                path,
                together,
            )
