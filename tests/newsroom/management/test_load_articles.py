from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from newsroom.domain import seeding
from newsroom.models import Article

pytestmark = pytest.mark.django_db


def load(*args: str) -> str:
    out = StringIO()
    call_command("load_articles", *args, stdout=out)
    return out.getvalue()


def test_load_articles_loads_a_demonstrations_own_articles_and_counts_them(settings: Settings) -> None:
    settings.DEMO = True
    assert load() == "Stories: 1 new, 0 changed, 0 unchanged.\n"
    assert load() == "Stories: 0 new, 0 changed, 1 unchanged.\n"


def test_load_articles_has_to_be_told_which_on_any_other_desk() -> None:
    with pytest.raises(CommandError, match="Say which stories to load"):
        load()
    assert not Article.objects.exists()
    assert load(str(seeding.ARTICLES)) == "Stories: 1 new, 0 changed, 0 unchanged.\n"


def test_load_articles_stops_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    path.write_text("---\nslug: a\nheadline: [\n---\n", encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        load(str(path))
    assert str(caught.value).startswith(f"{path}, line ")


def test_load_articles_names_the_files_that_it_left_alone_and_says_what_to_do(tmp_path: Path) -> None:
    article = "---\nslug: a-story\nheadline: H\nstandfirst: S\nbyline: B\nstatus: draft\ntopic: T\n---\n"
    path = tmp_path / "a-story.md"
    path.write_text(f"{article}Text.\n", encoding="utf-8")
    load(str(path))
    Article.objects.get().revisions.update(made_by="ed")
    path.write_text(f"{article}Another text.\n", encoding="utf-8")
    assert load(str(path)) == (
        "Stories: 0 new, 0 changed, 0 unchanged.\n"
        "Left alone, as the newsroom has edited or corrected the stories: a-story.md. Compare each file with its story,"
        " and make what is missing there by hand, under News.\n"
    )
