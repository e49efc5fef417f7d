"""A name from elsewhere is joined to a folder in one place, and of each writer of files it is known who names them."""

import ast
import functools
import re
from collections.abc import Iterator
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

# What opens a file for writing, makes, moves or removes one, by the call's end ...
ACTS = {
    *("write_bytes", "write_text", "unlink", "rename", "mkdir", "rmdir", "touch", "symlink_to", "hardlink_to", "chmod"),
    *("rmtree", "utime", "mkstemp", "copyfile", "copytree"),
}
# ... or as a whole, where a verb of ours is called the same.
CALLS = {
    *("os.link", "os.symlink", "os.rename", "os.replace", "shutil.move", "shutil.copy", "shutil.copy2"),
    *("desk.write", "desk.unfinished", "mirror.copy", "mirror.write"),
}
OPTIONS = {"missing_ok", "exist_ok", "parents", "mode", "ignore_errors", "encoding", "dir_fd", "follow_symlinks"}
OPENING = re.compile(r"'[rwxab+t]*[wxa+][rwxab+t]*'|O_CREAT|flags")

# Who writes files, and who gives these their names: newsroom.file_names looks at a name from elsewhere ...
PLACED = """
    newsroom/domain/images.py: _write
    newsroom/edition/storage.py: add carry move take_away
    reports/domain/intake/outbox.py: _cleared
    reports/domain/mirror.py: keep
    reports/domain/people/session_files.py: forget opened seal touch
"""
# ... a folder's own names are no way out of it ...
LISTED = """
    newsroom/domain/images.py: clear_orphans
    newsroom/edition/storage.py: __init__ clear
    reports/domain/backup/__init__.py: _clear make
    reports/domain/backup/database.py: replace
    reports/domain/intake/outbox.py: _read forget
    reports/domain/mirror.py: _unlink replay rewrite
    reports/management/commands/prepare.py: _let_nginx_read
"""
# ... the caller, who stands here too, has made the path ...
GIVEN = """
    reports/domain/backup/__init__.py: _whole
    reports/domain/backup/contents.py: _append
    reports/domain/desk.py: clear_unfinished forget_times unfinished write
    reports/domain/intake/outbox.py: _put
    reports/domain/mirror.py: write
"""
# ... it is a setting or an option, which is the operator's ...
SET = """
    newsroom/management/commands/edition_nginx.py: handle
    reports/domain/health/metrics.py: write
    reports/management/commands/role_matrix.py: handle
"""
# ... or the code says the name itself, or draws it.
OWN = """
    config/env.py: kept_secret
    newsroom/domain/last_asked.py: write
    newsroom/domain/request_rebuild.py: _request folder
    newsroom/edition/storage.py: __exit__ build_lock publish
    newsroom/imaging/child.py: _give_way
    reports/domain/audit/__init__.py: _write_head renew_head
    reports/domain/backup/contents.py: laid_out
    reports/domain/backup/database.py: _started unfinished
    reports/domain/backup/mirror_upkeep.py: bring_again tend
    reports/domain/backup/restoration.py: _put_desk _put_files _take_newest put_in_place
    reports/domain/demo.py: make
    reports/domain/desk.py: end_restoring end_setup folder
    reports/domain/figures/counting.py: publish
    reports/domain/health/heartbeat.py: _write
    reports/domain/health/machine.py: _takes_nothing
    reports/domain/intake/outbox.py: _works folder locked
    reports/domain/keys/keyholders.py: forget_unfinished
    reports/domain/keys/phrases.py: _turn
    reports/domain/keys/ring.py: _compare_desk_pub _keep_backup_key finish locked write
    reports/domain/lost_database.py: create
    reports/domain/maintenance/notices.py: tell_unread
    reports/domain/mirror.py: _made copy works
    reports/domain/outcomes/appeals.py: publish
    reports/domain/people/second_factors.py: _secret
    reports/domain/people/session_files.py: folder is_due
    reports/domain/retention/ledger.py: publish
    reports/domain/tombstones.py: _locked _write
    reports/management/commands/prepare.py: _static_files
"""


def writes(call: ast.Call) -> bool:
    """Return whether a call may write a file: by its name, as nobody runs it here."""
    whole, arguments = ast.unparse(call.func), ", ".join(map(ast.unparse, call.args))
    name, options = whole.rpartition(".")[2], {keyword.arg for keyword in call.keywords}
    if name == "open":
        return bool(OPENING.search(", ".join([arguments, *(ast.unparse(each.value) for each in call.keywords)])))
    if name == "replace":  # a path's has one argument, and a text's two
        return whole in CALLS or (len(call.args) == 1 and not options)
    if name == "touch":  # a path's takes none
        return not call.args and options <= OPTIONS
    return whole in CALLS or (name in ACTS and options <= OPTIONS)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def writers(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yield the functions that may write a file themselves."""
    for function in functions(tree):
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and writes(node)]
        inner = (
            {node for other in functions(function) if other is not function for node in ast.walk(other)}
            if calls
            else ()
        )
        if any(call not in inner for call in calls):
            yield function


def named(text: str) -> set[str]:
    """Return what one of the lists above names, as file:function."""
    rows = [line.strip().partition(": ") for line in text.strip().splitlines()]
    return {f"{file}:{function}" for file, _, names in rows for function in names.split()}


@functools.cache
def known() -> dict[str, ast.FunctionDef]:
    """Return every function of ours that may write a file."""
    files = [path for room in ("config", "newsroom", "reports") for path in sorted((ROOT / room).rglob("*.py"))]
    return {
        f"{path.relative_to(ROOT)}:{function.name}": function
        for path in files
        if "migrations" not in path.parts
        for function in writers(ast.parse(path.read_text(encoding="utf-8")))
    }


def test_of_every_writer_of_files_it_is_known_who_names_them() -> None:
    """A new one fails this until it stands in one of the lists: ask first where its names come from."""
    lists = [named(text) for text in (PLACED, LISTED, GIVEN, SET, OWN)]
    assert sum(map(len, lists)) == len(set().union(*lists))
    assert set().union(*lists) == set(known())


def test_whoever_takes_a_name_from_elsewhere_asks_before_it_writes() -> None:
    functions = known()
    asking = {name for name in named(PLACED) if re.search(r"\bplaced(_in)?\(", ast.unparse(functions[name]))}
    assert asking == named(PLACED)


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
