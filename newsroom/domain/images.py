"""Pictures for articles: cleaned and sized once, stored by digest, and deleted when no article needs them.

The database has their files, and so has its backup; each machine lays them out in its media folder, where nginx finds
them.
"""

import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core.errors import NoSuchMove, Refused
from core.file_names import BadName, is_name, placed
from newsroom.domain import request_rebuild
from newsroom.imaging import addresses
from newsroom.imaging.decode import PictureRefused, rebuilt
from newsroom.models import Article, Image, Rendition

DIGEST = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"[0-9]{1,4}\.(?:webp|jpg)")
FILE = re.compile(f"{DIGEST.pattern}/{NAME.pattern}")
MAX_BYTES = 20 * 1024 * 1024  # as sent
TIMEOUT = 30.0  # seconds for the child process
# nginx is another user, and the umask keeps everybody out.
READABLE = 0o644
READABLE_FOLDER = 0o755
ORPHAN_AGE = (
    24 * 3600
)  # seconds for which files without a row stay, as their upload may not be finished

# By the reason of `newsroom.imaging.decode.PictureRefused`.
REFUSALS: dict[str, str] = {
    "not-a-picture": "This file is not a JPEG, PNG or WebP picture.",
    "too-many-pixels": "This picture has more than 40 megapixels. Make it smaller first.",
    "broken": "This picture is damaged and cannot be opened. Save it again and choose it once more.",
}
UNPREPARED = "This picture could not be prepared. Try again, or make it smaller."

_one_at_a_time = threading.BoundedSemaphore(1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A picture that is cleaned and sized, but not stored yet."""

    digest: str
    width: int
    height: int
    files: tuple[tuple[str, bytes], ...]


def prepare(*, raw: bytes) -> Prepared:
    """Clean and size a JPEG, PNG or WebP picture (at most 20 MiB); raises Refused, also for a stored picture."""
    prepared = _render(raw)
    if stored := Image.objects.filter(digest=prepared.digest).first():
        raise Refused(f"You already have this picture: “{stored.alt}”.")
    return prepared


def add(*, prepared: Prepared, image: Image) -> Image:
    """Store a prepared picture with its words; raises ValidationError if these are missing."""
    image.digest = prepared.digest
    image.width = prepared.width
    image.height = prepared.height
    image.full_clean()
    _write(prepared.digest, prepared.files)
    with transaction.atomic():
        image.save()
        Rendition.objects.bulk_create(
            Rendition(image=image, name=name, content=data) for name, data in prepared.files
        )
    return image


def reword(*, image: Image) -> None:
    """Store a picture's changed words. Lead pictures show them at once; texts keep the words that they contain."""
    image.full_clean()
    image.save()
    request_rebuild.request_rebuild()


def shown_by(*, image: Image) -> Article | None:
    """Return an article that shows the picture, None without one; a withdrawn one shows nothing any longer."""
    return (
        Article.objects.exclude(status=Article.Status.WITHDRAWN)
        .filter(_showing(image.digest))
        .first()
    )


def remove(*, image: Image) -> None:
    """Delete a picture that no article shows; the next `clear_orphans` deletes its files. Raises NoSuchMove."""
    with transaction.atomic():
        if article := shown_by(image=image):
            raise NoSuchMove(
                f"The story “{article}” shows this picture. Remove it from the story first."
            )
        Article.objects.filter(lead_image=image).update(lead_image=None)  # withdrawn ones
        image.delete()
        request_rebuild.request_rebuild()


def take_away_withdrawn() -> None:
    """Delete the files of pictures that withdrawn articles showed and no public one does; the database keeps them."""
    for digest in _of_withdrawn() & _laid_out():
        shutil.rmtree(_folder() / digest, ignore_errors=True)


def file(*, digest: str, name: str) -> Path | None:
    """Return the path of one file of a picture, None if there is no such file."""
    try:
        path = placed(_folder(), f"{digest}/{name}", FILE)
    except BadName:
        return None
    if path.is_file() and not (path.is_symlink() or path.parent.is_symlink()):
        return path
    return None


def lay_out() -> None:
    """Write the files of pictures that this machine does not have yet, but not those of withdrawn articles alone.

    A picture whose row names a file as we never do is left out, and the others are written. No error of the disk is
    raised: a full one must not keep a withdrawn page up.
    """
    missing = (
        set(Rendition.objects.values_list("image__digest", flat=True).distinct())
        - _laid_out()
        - _of_withdrawn()
    )
    for digest in sorted(missing, key=str):
        try:
            _write(
                digest,
                Rendition.objects.filter(image__digest=digest).values_list("name", "content"),
            )
        except (BadName, TypeError):  # SQLite keeps a value of any type in any column
            log.error("a picture is left out: its row names a file as we never do")  # noqa: TRY400 - no word of the row
        except OSError:
            log.exception("a picture could not be laid out; the pages go on without")
            break


def clear_orphans() -> None:
    """Delete the files of pictures that no longer exist."""
    folder = _folder()
    names = _laid_out()
    for name in sorted(
        names - set(Image.objects.filter(digest__in=names).values_list("digest", flat=True))
    ):
        if time.time() - (folder / name).stat().st_mtime > ORPHAN_AGE:
            shutil.rmtree(folder / name)


def _showing(digest: str) -> Q:
    return Q(lead_image__digest=digest) | Q(body__contains=f"image:{digest}")


def _of_withdrawn() -> set[str]:
    """Return the digests of pictures that withdrawn articles showed and no public one does."""
    withdrawn = Article.objects.filter(status=Article.Status.WITHDRAWN).values_list(
        "lead_image__digest", "body"
    )
    digests = set[str]()
    for lead, body in withdrawn:
        if lead:
            digests.add(lead)
        digests |= {match[1] for match in addresses.REFERENCE.finditer(str(body))}
    return {
        digest
        for digest in digests
        if not Article.objects.published().filter(_showing(digest)).exists()
    }


def _laid_out() -> set[str]:
    """Return the names of the pictures' folders in the media folder."""
    folder = _folder()
    if folder.is_dir():
        return {path.name for path in folder.iterdir()}
    return set()


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / addresses.FOLDER


def _render(raw: bytes) -> Prepared:
    """Clean and size a picture in a child process; raises Refused."""
    if len(raw) > MAX_BYTES:
        raise Refused("This picture is larger than 20 MB. Make it smaller first.")
    try:
        with _one_at_a_time:
            output = rebuilt(raw, *addresses.WIDTHS, timeout=TIMEOUT)
    except PictureRefused as refusal:
        raise Refused(str(REFUSALS.get(str(refusal), UNPREPARED))) from None
    try:
        return _prepared(output)
    except (
        ValueError,
        KeyError,
        TypeError,
    ):  # a picture that took the child over may have written this
        raise Refused(UNPREPARED) from None


def _prepared(output: bytes) -> Prepared:
    """Return what the child wrote; raises ValueError, KeyError or TypeError for anything but pictures of ours."""
    header, _newline, files = output.partition(b"\n")
    picture = json.loads(header)
    named = []
    start = 0
    for name, length in picture["files"]:
        if not is_name(f"{picture['digest']}/{name}", FILE):
            raise BadName
        end = start + length
        named.append((name, files[start:end]))
        start = end
    return Prepared(
        digest=picture["digest"],
        width=picture["width"],
        height=picture["height"],
        files=tuple(named),
    )


def _write(digest: str, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
    """Write the files into the picture's folder, which appears complete or not at all. Raises BadName."""
    target = placed(_folder(), digest, DIGEST)
    if (
        target.is_dir()
    ):  # The files of a picture that was removed: the same pixels, so the same files.
        os.utime(target)
        return
    draft = _folder() / f".{secrets.token_hex(8)}"
    draft.mkdir(parents=True)
    try:
        for name, content in files:
            path = placed(draft, name, NAME)
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            path.chmod(READABLE)
        for folder in (Path(settings.MEDIA_ROOT), _folder(), draft):
            folder.chmod(READABLE_FOLDER)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
