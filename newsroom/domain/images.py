"""Pictures for articles: cleaned and sized once, stored by digest, and deleted when no article needs them."""

import json
import os
import re
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.domain import request_rebuild
from newsroom.domain.errors import BadPicture, NotNow
from newsroom.imaging import addresses
from newsroom.imaging.decode import PictureRefused, rebuilt
from newsroom.models import Article, Image

FILE = re.compile(r"[0-9a-f]{32}/[0-9]{1,4}\.(?:webp|jpg)")
MAX_BYTES = 20 * 1024 * 1024  # as sent
TIMEOUT = 30.0  # seconds for the child process
ORPHAN_AGE = 24 * 3600  # seconds for which files without a row stay, as their upload may not be finished

# By the reason of `newsroom.imaging.decode.PictureRefused`.
REFUSALS: dict[str, Promise | str] = {
    "not-a-picture": gettext_lazy("This file is not a JPEG, PNG or WebP picture."),
    "too-many-pixels": gettext_lazy("This picture has more than 40 megapixels. Make it smaller first."),
    "broken": gettext_lazy("This picture is damaged and cannot be opened. Save it again and choose it once more."),
}
UNPREPARED = gettext_lazy("This picture could not be prepared. Try again, or make it smaller.")

_one_at_a_time = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class Prepared:
    """A picture that is cleaned and sized, but not stored yet."""

    digest: str
    width: int
    height: int
    files: tuple[tuple[str, bytes], ...]


def prepare(*, raw: bytes) -> Prepared:
    """Clean and size a JPEG, PNG or WebP picture (at most 20 MiB); raises BadPicture, also for a stored picture."""
    prepared = _render(raw)
    if stored := Image.objects.filter(digest=prepared.digest).first():
        raise BadPicture(_("This picture is here already: “%(words)s”.") % {"words": stored.alt})
    return prepared


def add(*, prepared: Prepared, image: Image) -> Image:
    """Store a prepared picture with its words; raises ValidationError if these are missing."""
    image.digest, image.width, image.height = prepared.digest, prepared.width, prepared.height
    image.full_clean()
    _store(prepared)
    image.save()
    return image


def reword(*, image: Image) -> Image:
    """Store a picture's changed words. Lead pictures show them at once; texts keep the words that they contain."""
    image.full_clean()
    image.save()
    request_rebuild.request_rebuild()
    return image


def shown_by(*, image: Image) -> Article | None:
    """Return an article that shows the picture, None without one."""
    as_lead = Article.objects.filter(lead_image=image).first()
    return as_lead or Article.objects.filter(body__contains=f"image:{image.digest}").first()


def remove(*, image: Image) -> None:
    """Delete a picture that no article shows; the next `clear_orphans` deletes its files. Raises NotNow."""
    with transaction.atomic():
        if article := shown_by(image=image):
            raise NotNow(_("“%(headline)s” shows this picture. Take it out there first.") % {"headline": article})
        image.delete()
        request_rebuild.request_rebuild()


def file(*, digest: str, name: str) -> Path | None:
    """Return the path of one file of a picture, None if there is no such file."""
    path = _folder() / digest / name
    return path if FILE.fullmatch(f"{digest}/{name}") and path.is_file() else None


def clear_orphans() -> int:
    """Delete the files of pictures that no longer exist; return the number of deleted folders."""
    folder = _folder()
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    deleted = 0
    for name in sorted(names - set(Image.objects.filter(digest__in=names).values_list("digest", flat=True))):
        if time.time() - (folder / name).stat().st_mtime > ORPHAN_AGE:
            shutil.rmtree(folder / name)
            deleted += 1
    return deleted


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / addresses.FOLDER


def _render(raw: bytes) -> Prepared:
    """Clean and size a picture in a child process; raises BadPicture."""
    if len(raw) > MAX_BYTES:
        raise BadPicture(_("This picture is larger than 20 MB. Make it smaller first."))
    try:
        with _one_at_a_time:
            output = rebuilt(raw, *addresses.WIDTHS, timeout=TIMEOUT)
    except PictureRefused as refusal:
        raise BadPicture(str(REFUSALS.get(refusal.why, UNPREPARED))) from None
    header, _newline, files = output.partition(b"\n")
    picture = json.loads(header)
    ends = list(accumulate(length for _name, length in picture["files"]))
    named = tuple((name, files[end - length : end]) for (name, length), end in zip(picture["files"], ends, strict=True))
    return Prepared(digest=picture["digest"], width=picture["width"], height=picture["height"], files=named)


def _store(prepared: Prepared) -> None:
    """Write the files into the picture's folder, which appears complete or not at all."""
    target = _folder() / prepared.digest
    if target.is_dir():  # The files of a picture that was removed: the same pixels, so the same files.
        os.utime(target)
        return
    draft = _folder() / f".{secrets.token_hex(8)}"
    draft.mkdir(parents=True)
    for name, content in prepared.files:
        with (draft / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    draft.rename(target)
