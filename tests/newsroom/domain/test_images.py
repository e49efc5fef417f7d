import os
import shutil
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import Image as Pillow

from core.errors import NoSuchMove, Refused
from newsroom.domain import images
from newsroom.models import Image, Rendition
from tests.newsroom.articles import make_article
from tests.reports import pictures

pytestmark = pytest.mark.django_db


def picture(size):
    return pictures.encode(pictures.gradient(size), "JPEG")


def kept(size=(1000, 500)):
    words = {"alt": "A grey van", "caption": "A van.", "credit": "Newsroom"}
    return images.add(prepared=images.prepare(raw=picture(size)), image=Image(**words))


def files(image):
    found = {}
    for path in sorted((settings.MEDIA_ROOT / "images" / image.digest).iterdir()):
        with Pillow.open(path) as stored:
            found[path.name] = (str(stored.format), stored.size)
    return found


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((2000, 1000), [(480, 240), (960, 480), (1600, 800)]),
        ((1000, 500), [(480, 240), (960, 480), (1000, 500)]),
        ((1, 1), [(1, 1)]),
    ],
)
def test_a_picture_is_kept_in_every_width_it_reaches_and_is_never_blown_up(size, sizes):
    image = kept(size)
    assert (image.width, image.height) == sizes[-1]
    wanted = {f"{width}.jpg": ("JPEG", (width, height)) for width, height in sizes}
    assert files(image) == wanted | {
        f"{width}.webp": ("WEBP", (width, height)) for width, height in sizes
    }
    assert [Path(settings.MEDIA_ROOT / part.split()[0].removeprefix("/media/")).is_file()
            for part in image.picture.srcset.split(", ")] == [True] * len(sizes)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (lambda: b"", "This file is not a JPEG, PNG or WebP picture."),
        (lambda: picture((400, 400))[:900],
         "This picture is damaged and cannot be opened. Save it again and choose it once more."),
        (lambda: pictures.png_bomb((10_000, 10_000)),
         "This picture has more than 40 megapixels. Make it smaller first."),
        (lambda: bytes(images.MAX_BYTES + 1), "This picture is larger than 20 MB. Make it smaller first."),
    ],
    ids=["empty", "cut off", "100 MP", "21 MB"],
)  # fmt: skip
def test_what_is_no_picture_for_us_is_refused_with_a_sentence_and_leaves_nothing(raw, sentence):
    with pytest.raises(Refused) as refused:
        images.prepare(raw=raw())
    assert str(refused.value) == sentence
    assert not (settings.MEDIA_ROOT / "images").exists()


def test_the_same_picture_is_kept_once():
    kept()
    with pytest.raises(Refused) as refused:
        images.prepare(raw=picture((1000, 500)))
    assert str(refused.value) == "You already have this picture: “A grey van”."


def test_clear_orphans_takes_old_files_that_no_picture_names():
    image, folder = kept(), settings.MEDIA_ROOT / "images"
    old = time.time() - images.ORPHAN_AGE - 60
    for name in ("0" * 32, "1" * 32, ".unfinished"):
        (folder / name).mkdir()
    for name in (image.digest, "0" * 32, ".unfinished"):
        os.utime(folder / name, (old, old))
    images.clear_orphans()
    assert sorted(path.name for path in folder.iterdir()) == sorted([image.digest, "1" * 32])


def contents(image):
    return {
        path.name: path.read_bytes()
        for path in (settings.MEDIA_ROOT / "images" / image.digest).iterdir()
    }


def test_another_machine_lays_out_the_same_files_readable_to_nginx():
    image = kept()
    made = contents(image)
    shutil.rmtree(settings.MEDIA_ROOT)
    umask = os.umask(0o077)
    try:
        images.lay_out()
    finally:
        os.umask(umask)
    assert contents(image) == made
    folder = settings.MEDIA_ROOT / "images" / image.digest
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    above = (folder, folder.parent, settings.MEDIA_ROOT)
    assert {path.stat().st_mode & 0o777 for path in above} == {0o755}


def test_a_picture_that_cannot_be_laid_out_stops_no_edition(
    caplog,
):
    kept()
    shutil.rmtree(settings.MEDIA_ROOT)
    settings.MEDIA_ROOT.write_text("in the way")
    try:
        images.lay_out()
    finally:
        settings.MEDIA_ROOT.unlink()
    assert "a picture could not be laid out; the pages go on without" in caplog.text


@pytest.mark.parametrize("shown", ["lead", "text"])
def test_a_picture_that_an_article_shows_is_not_removed(shown):
    image = kept()
    fields = {"lead_image": image} if shown == "lead" else {"body": image.line}
    make_article(**fields)
    with pytest.raises(NoSuchMove) as refused:
        images.remove(image=image)
    assert (
        str(refused.value)
        == "The story “Headline of a-story” shows this picture. Remove it from the story first."
    )


def test_the_line_of_a_picture_shows_it_whatever_its_words_are():
    image = kept()
    image.alt, image.caption = 'A [van] \\ "grey"', 'It said "stop" \\'
    article = make_article(body=image.line)
    article.full_clean()
    assert 'alt="A [van] \\ &quot;grey&quot;"' in article.body_html
    assert '<figcaption>It said "stop" \\ Picture: Newsroom</figcaption>' in article.body_html


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("![x](image:{digest}-9x9)",
         "We cannot find one of the pictures. Copy its line from Pictures again."),
        ("![ ]({reference})", "Describe each picture between its square brackets."),
        ("![x](/media/x.png)",
         "We can only show our own pictures. Add the picture under Pictures and copy its line from there."),
    ],
)  # fmt: skip
def test_a_text_with_a_picture_that_readers_would_not_see_is_refused(line, sentence):
    image = kept()
    article = make_article(body=line.format(digest=image.digest, reference=image.picture.reference))
    with pytest.raises(ValidationError) as refused:
        article.full_clean()
    assert refused.value.message_dict == {"body": [sentence]}


def test_a_removed_picture_leaves_the_database_with_its_files():
    images.remove(image=kept())
    assert not Rendition.objects.exists()
