"""Whoever can write to the database names no file of ours: no row leads out of the edition and the pictures' folder."""

import json
import logging
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from newsroom.domain import changes, images, public_pages
from newsroom.edition import headers, paths, storage
from newsroom.edition.build import Builder
from newsroom.models import Article, Image, Redirect, Rendition
from reports.domain import state_files
from tests import hostile_names
from tests.newsroom.articles import make_area, make_article, make_author

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

OURS = "ours of the desk"
STRANGE = b"# streetlight desk key 1\nage1stranger\n"
PICTURE = "a" * 32
INSERT_FILE = "INSERT INTO newsroom_rendition (name, image_id, content) VALUES (%s, %s, %s)"
# The column, and how somebody who owns the database writes into it.
SLUGS = {
    "article": "UPDATE newsroom_article SET slug = %s WHERE slug = 'changed'",
    "withdrawn": "UPDATE newsroom_article SET slug = %s WHERE slug = 'gone'",
    "former": "UPDATE newsroom_redirect SET old_slug = %s WHERE old_slug = 'former'",
    "former of withdrawn": "UPDATE newsroom_redirect SET old_slug = %s WHERE old_slug = 'former-gone'",
    "topic": "UPDATE newsroom_topic SET slug = %s",
    "area": "UPDATE newsroom_area SET slug = %s",
    "author": "UPDATE newsroom_author SET slug = %s",
}


def anything(environ, start_response):
    """Answer every address with a page: no look at an address saves the edition from a hostile one."""
    kind = headers.TYPES.get(Path(environ["PATH_INFO"]).suffix[1:], headers.TYPES["html"])
    start_response("200 OK", [("Content-Type", kind)])
    return [STRANGE]


def pages():
    """Return the addresses of the HTML pages in the current edition."""
    edition = storage.current_folder()
    assert edition is not None
    files = [
        path.parent.relative_to(edition / "pages")
        for path in (edition / "pages").rglob("index.html")
    ]
    return {f"/{file}/".replace("/./", "/") for file in files}


@pytest.fixture(autouse=True)
def newsroom(db):
    """Publish a story of each kind and a picture, and let the desk have its key."""
    for slug in ("changed", "stays"):
        article = make_article(slug, author=make_author())
        article.areas.add(make_area())
    withdrawn = make_article(
        "gone", status=Article.Status.WITHDRAWN, withdrawn_at=article.publish_at
    )
    Redirect.objects.create(old_slug="former", article=Article.objects.get(slug="changed"))
    Redirect.objects.create(old_slug="former-gone", article=withdrawn)
    for name in ("desk.pub", "ring.age"):
        state_files.write(state_files.folder() / name, OURS.encode())
    media = settings.MEDIA_ROOT / "images"
    media.mkdir(parents=True)
    for folder in (media, settings.STATE_DIR / "edition"):
        folder.mkdir(exist_ok=True)
        (folder / "to-the-desk").symlink_to(state_files.folder())


def escapes():
    """Return the links in the newest edition that lead out of it."""
    edition = storage.current_folder()
    assert edition is not None
    links = [path for path in edition.rglob("*") if path.is_symlink()]
    return [str(path) for path in links if not path.resolve().is_relative_to(edition.resolve())]


def files(digest=PICTURE):
    return Image.objects.create(digest=digest, width=9, height=9, alt="x", caption="x", credit="x")


def picture_by_name(name):
    return hostile_names.put(INSERT_FILE, name, files().pk, STRANGE)


def picture_by_digest(name):
    image = files()
    Rendition.objects.create(image=image, name="480.jpg", content=STRANGE)
    return hostile_names.put("UPDATE newsroom_image SET digest = %s WHERE id = %s", name, image.pk)


class TestPictures:
    @pytest.mark.promise(
        "machine",
        control="test_control_without_the_look_at_the_name_a_file_of_the_machine_is_written",
    )
    @pytest.mark.parametrize("write", [picture_by_name, picture_by_digest])
    def test_no_row_names_a_file(self, write, caplog):
        """No name in a row has a file of the machine written."""
        good = files("b" * 32)
        Rendition.objects.create(image=good, name="480.jpg", content=b"good")
        images.lay_out()
        before, tried = hostile_names.state(without=("edition", "media")), 0
        pictures = settings.MEDIA_ROOT / "images"
        for name in hostile_names.names(pictures / "draft"):
            with transaction.atomic():
                if write(name):
                    tried += 1
                    images.lay_out()
                    images.clear_orphans()
                transaction.set_rollback(True)
            assert hostile_names.state(without=("edition", "media")) == before, name
            assert sorted(path.name for path in pictures.iterdir()) == ["b" * 32, "to-the-desk"], (
                name
            )
        assert tried > (30 if connection.vendor == "sqlite" else 5)
        assert [path.name for path in (pictures / good.digest).iterdir()] == [
            "480.jpg"
        ]  # the control
        assert "a picture is left out: its row names a file as we never do" in caplog.text

    def test_control_without_the_look_at_the_name_a_file_of_the_machine_is_written(
        self, monkeypatch
    ):
        before = hostile_names.state(without=("edition", "media"))
        assert picture_by_name(
            "../../../node"
        )  # of 16 characters at the most, as PostgreSQL counts them
        images.lay_out()
        assert hostile_names.state(without=("edition", "media")) == before
        monkeypatch.setattr(images, "placed", lambda folder, name, _pattern: folder / name)
        images.lay_out()
        assert hostile_names.state(without=("edition", "media")).keys() - before.keys() == {"node"}

    def test_no_file_is_shown_that_is_a_link_or_is_named_otherwise(self, client):
        media = settings.MEDIA_ROOT / "images"
        (media / PICTURE).mkdir()
        (media / PICTURE / "480.jpg").write_bytes(b"good")
        (media / PICTURE / "960.jpg").symlink_to(state_files.folder() / "ring.age")
        (media / ("c" * 32)).symlink_to(state_files.folder())
        (state_files.folder() / "480.jpg").write_bytes(b"of the desk")
        assert (
            images.file(digest=PICTURE, name="480.jpg") == media / PICTURE / "480.jpg"
        )  # the control
        assert [
            images.file(digest=PICTURE, name="960.jpg"),
            images.file(digest="c" * 32, name="480.jpg"),
        ] == [None] * 2
        for name in hostile_names.names(media / PICTURE):
            assert images.file(digest=PICTURE, name=name) is None  # type: ignore[arg-type]
            assert images.file(digest=name, name="ring.age") is None  # type: ignore[arg-type]
        assert (
            client.get(f"/media/images/{PICTURE}/..%2f..%2f..%2fdesk%2fring.age").status_code == 404
        )

    @pytest.mark.parametrize("header", [
        {"digest": PICTURE, "files": [["../../../desk/desk.pub", 4]]},
        {"digest": "../../desk", "files": [["480.jpg", 4]]},
        {"digest": 7, "files": [["480.jpg", 4]]},
        {"files": []},
        [],
    ])  # fmt: skip
    def test_a_child_that_a_picture_took_over_names_no_file(self, header, monkeypatch):
        facts = header | {"width": 9, "height": 9} if isinstance(header, dict) else header
        monkeypatch.setattr(
            images, "rebuilt", lambda *_, **__: json.dumps(facts).encode() + b"\nABCD"
        )
        with pytest.raises(images.Refused, match="could not be prepared"):
            images.prepare(raw=b"x")


class TestEdition:
    @pytest.mark.promise(
        "machine", control="test_control_without_the_look_at_slugs_a_folder_is_made_outside"
    )
    @pytest.mark.parametrize("column", SLUGS)
    def test_no_slug_leads_out_of_the_edition_or_stops_it(self, column, whole):
        """No slug in a row leads out of the finished pages, or stops them.

        In the whole each column has every name, else each name stands in one of the columns.
        """
        Builder(anything).build()
        before, tried = hostile_names.state(without=("edition",)), 0
        names = hostile_names.names(settings.STATE_DIR / "edition/.building-1/pages/news")
        for name in names if whole else names[list(SLUGS).index(column) :: len(SLUGS)]:
            with transaction.atomic():
                tried += hostile_names.put(SLUGS[column], name)
                Builder(anything).build(every_page=True)
                changes.count(articles=Article.objects.values_list("pk", flat=True))
                Builder(anything).build()
                transaction.set_rollback(True)
            assert hostile_names.state(without=("edition",)) == before, name
            assert pages() >= {"/", "/news/", "/news/stays/"}, name
            assert escapes() == [], name
            there = {path.name for path in (settings.STATE_DIR / "edition").iterdir()}
            assert {one for one in there if not re.fullmatch(r"[0-9]+|\..*", one)} == {
                "current",
                "to-the-desk",
            }, name
            storage.clear()
        assert tried > (20 if whole else 2)

    def test_control_without_the_look_at_slugs_a_folder_is_made_outside(self, monkeypatch):
        Builder(anything).build()
        before = hostile_names.state(without=("edition",))
        hostile_names.put(SLUGS["article"], f"../../../../{hostile_names.OUTSIDE}")
        Builder(anything).build(every_page=True)
        assert hostile_names.state(without=("edition",)) == before
        monkeypatch.setattr(public_pages, "is_slug", lambda _slug: True)
        monkeypatch.setattr(paths, "is_address", lambda _path: True)
        monkeypatch.setattr(paths, "is_name", lambda _name, _pattern: True)
        monkeypatch.setattr(paths, "placed", lambda folder, name, _pattern: folder / name)
        Builder(anything).build(every_page=True)
        try:
            made = set(hostile_names.state(without=("edition",))) - set(before)
            assert f"{hostile_names.OUTSIDE}/index.html" in made
        finally:
            shutil.rmtree(settings.STATE_DIR / hostile_names.OUTSIDE, ignore_errors=True)

    def test_with_hostile_rows_everywhere_the_pages_are_made_all_the_same_and_it_is_said(
        self, builder, caplog
    ):
        builder.build()
        whole = pages()
        hostile_names.put(SLUGS["article"], "../../../desk/desk.pub")
        for column in ("topic", "area", "author"):
            hostile_names.put(SLUGS[column], f"../{column}\n")
        with caplog.at_level(logging.ERROR, "newsroom.edition"):
            builder.build(every_page=True)
        assert whole - pages() == {
            path for path in whole if re.match(r"/(news/changed|topics/.|areas/.|authors/.)", path)
        }
        assert pages() <= whole
        assert not [record for record in caplog.records if "answered" in record.getMessage()]
