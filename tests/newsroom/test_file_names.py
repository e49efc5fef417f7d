"""A name from elsewhere is joined to a folder in one place, which asks whether it is one of ours."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, connection, models, transaction

from newsroom.domain import images, strange_rows
from newsroom.file_names import LONGEST, BadName, is_slug, placed
from newsroom.models import Appeal
from tests import hostile_names
from tests.newsroom.articles import make_area, make_article, make_author

ANYTHING = re.compile(r"[\s\S]*")
ROOT = Path(__file__).resolve().parent.parent.parent

# Who gives a file the name that comes from elsewhere.
PLACED = """
    newsroom/domain/images.py: _write
    newsroom/edition/storage.py: add carry move take_away
    reports/domain/intake/outbox.py: _cleared
    reports/domain/mirror.py: keep
    reports/domain/people/session_files.py: forget opened seal touch
"""


def test_whoever_takes_a_name_from_elsewhere_asks_before_it_writes() -> None:
    for file, _, names in (line.strip().partition(": ") for line in PLACED.strip().splitlines()):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name: ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert [name for name in names.split() if not re.search(r"\bplaced(_in)?\(", functions[name])] == []


def test_a_name_is_placed_where_it_matches_whole() -> None:
    assert placed(Path("/a"), "480.jpg", images.NAME) == Path("/a/480.jpg")
    assert placed(Path("/a"), f"{'f' * 32}/480.webp", images.FILE) == Path(f"/a/{'f' * 32}/480.webp")
    assert placed(Path("/a"), "a" * LONGEST, ANYTHING).parent == Path("/a")


@pytest.mark.parametrize("pattern", [images.NAME, images.DIGEST, images.FILE])
def test_no_hostile_name_is_placed(pattern: re.Pattern[str]) -> None:
    hostile = hostile_names.names(settings.MEDIA_ROOT / "images" / "draft")
    assert len(hostile) > 30
    for name in hostile:
        with pytest.raises(BadName) as refused:
            placed(settings.MEDIA_ROOT, name, pattern)
        assert str(refused.value) == "a name that no file of ours has"
    assert not any(map(is_slug, set(hostile) - {"to-the-desk"}))


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../x", "a/./x", "a//x", "..", ".", "", "x\0", "a/", "a" * (LONGEST + 1), "a/" * 600 + "a"]
)
def test_even_a_pattern_that_allows_everything_leads_out_of_no_folder(name: str) -> None:
    with pytest.raises(BadName):
        placed(Path("/a"), name, ANYTHING)


def test_every_column_that_names_a_file_has_its_constraint_and_is_looked_at() -> None:
    """Whoever adds a slug decides here whether it names a file; an appeal's key names none."""
    looked_at = {model for model, _plain in strange_rows.COLUMNS}
    with_slug = {
        field.model
        for model in looked_at | {Appeal, *Appeal._meta.apps.get_app_config("newsroom").get_models()}
        for field in model._meta.get_fields()
        if isinstance(field, models.SlugField)
    }
    assert with_slug - {Appeal} == {model for model in looked_at if model.__name__ not in ("Image", "Rendition")}
    for model, condition in strange_rows.COLUMNS:
        assert condition in [getattr(each, "condition", None) for each in model._meta.constraints], model


INSERT = {
    "newsroom_topic": "INSERT INTO newsroom_topic (slug, name) VALUES (%s, 'A name of its own')",
    "newsroom_area": "INSERT INTO newsroom_area (slug, name, estates) VALUES (%s, 'A name of its own', '')",
    "newsroom_author": "INSERT INTO newsroom_author (slug, name, bio) VALUES (%s, 'A name', '')",
    "newsroom_redirect": "INSERT INTO newsroom_redirect (old_slug, article_id) SELECT %s, id FROM newsroom_article",
    "newsroom_article": "UPDATE newsroom_article SET slug = %s",
    "newsroom_image": "INSERT INTO newsroom_image (digest, width, height, alt, caption, credit, added_at)"
    " VALUES (%s, 9, 9, 'x', 'x', 'x', '2026-11-28')",
    "newsroom_rendition": "INSERT INTO newsroom_rendition (name, image_id, content)"
    f" SELECT %s, id, {{blob}} FROM newsroom_image WHERE digest = '{'a' * 32}'",
}
PLAIN = {"newsroom_image": "f" * 32, "newsroom_rendition": "480.jpg"}


@pytest.fixture
def rows(db: None) -> None:
    """Let there be one row of each kind."""
    article = make_article(author=make_author())
    article.areas.add(make_area())
    image = images.Image.objects.create(digest="a" * 32, width=9, height=9, alt="x", caption="x", credit="x")
    images.Rendition.objects.create(image=image, name="9.jpg", content=b"x")


def hostile_for(table: str) -> list[str]:
    """Return the hostile names that are texts, and no slug where the column is one."""
    texts = [name for name in hostile_names.names(settings.MEDIA_ROOT) if isinstance(name, str)]
    return [name for name in texts if table in PLAIN or not is_slug(name)]


def statement(table: str) -> str:
    blob = "X'78'" if connection.vendor == "sqlite" else "'x'::bytea"
    return INSERT[table].replace("{blob}", blob)


@pytest.mark.parametrize("table", INSERT)
def test_the_database_itself_refuses_hostile_names(rows: None, table: str) -> None:
    assert set(INSERT) == {model._meta.db_table for model, _plain in strange_rows.COLUMNS}
    for name in hostile_for(table):
        refusals = (IntegrityError, DataError, ValueError)  # PostgreSQL counts characters, and takes no NUL
        with pytest.raises(refusals), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement(table), [name])
    with connection.cursor() as cursor:  # the control
        cursor.execute(statement(table), [PLAIN.get(table, "a-plain_Name-7")])
    assert strange_rows.tables() == []


@pytest.mark.parametrize("table", INSERT)
def test_a_row_that_came_past_the_constraint_is_noticed(rows: None, table: str) -> None:
    hostile_names.drop_constraints()
    for name in hostile_for(table):
        with transaction.atomic():
            if hostile_names.put(statement(table), name):
                assert strange_rows.tables() == [table], name
            transaction.set_rollback(True)
    assert strange_rows.tables() == []
