"""Pictures for articles: cleaned and sized once, kept under their digest, and cleared away when nothing names them."""

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
TIMEOUT = 30.0  # seconds that a child may take
KEPT_ANYWAY = 24 * 3600  # seconds for which files without a row stay: their upload may still be under way

# The words are those of `newsroom.imaging.decode.PictureRefused`.
REFUSALS: dict[str, Promise | str] = {
    "not-a-picture": gettext_lazy("This file is not a JPEG, PNG or WebP picture."),
    "too-many-pixels": gettext_lazy("This picture has more than 40 megapixels. Make it smaller first."),
    "broken": gettext_lazy("This picture is damaged and cannot be opened. Save it again and choose it once more."),
}
UNPREPARED = gettext_lazy("This picture could not be prepared. Try again, or make it smaller.")

_turns = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class Prepared:
    """A picture that is clean and sized, and not kept yet."""

    digest: str
    width: int
    height: int
    files: tuple[tuple[str, bytes], ...]


def prepare(*, raw: bytes) -> Prepared:
    """Clean and size the JPEG, PNG or WebP picture `raw` (at most 20 MiB); raise BadPicture, also for one we have."""
    prepared = _rendered(raw)
    if known := Image.objects.filter(digest=prepared.digest).first():
        raise BadPicture(_("This picture is here already: “%(words)s”.") % {"words": known.alt})
    return prepared


def add(*, prepared: Prepared, image: Image) -> Image:
    """Keep a prepared picture with its words; raise ValidationError when these are missing."""
    image.digest, image.width, image.height = prepared.digest, prepared.width, prepared.height
    image.full_clean()
    _keep(prepared)
    image.save()
    return image


def reword(*, image: Image) -> Image:
    """Store a picture's changed words; lead pictures show them at once, texts keep the words they were given."""
    image.full_clean()
    image.save()
    request_rebuild.request_rebuild()
    return image


def shown_by(*, image: Image) -> Article | None:
    """Return an article that shows the picture, None when none does."""
    led = Article.objects.filter(lead_image=image).first()
    return led or Article.objects.filter(body__contains=f"image:{image.digest}").first()


def remove(*, image: Image) -> None:
    """Delete a picture that no article shows; its files go with the next `clear_orphans`."""
    with transaction.atomic():
        if article := shown_by(image=image):
            raise NotNow(_("“%(headline)s” shows this picture. Take it out there first.") % {"headline": article})
        image.delete()
        request_rebuild.request_rebuild()


def file(*, digest: str, name: str) -> Path | None:
    """Return where one file of a picture lies, None when there is none."""
    path = _folder() / digest / name
    return path if FILE.fullmatch(f"{digest}/{name}") and path.is_file() else None


def clear_orphans() -> int:
    """Delete the files that no picture names any more; return how many folders went."""
    folder = _folder()
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    gone = 0
    for name in sorted(names - set(Image.objects.filter(digest__in=names).values_list("digest", flat=True))):
        if time.time() - (folder / name).stat().st_mtime > KEPT_ANYWAY:
            shutil.rmtree(folder / name)
            gone += 1
    return gone


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / addresses.FOLDER


def _rendered(raw: bytes) -> Prepared:
    if len(raw) > MAX_BYTES:
        raise BadPicture(_("This picture is larger than 20 MB. Make it smaller first."))
    try:
        with _turns:
            out = rebuilt(raw, *addresses.WIDTHS, timeout=TIMEOUT)
    except PictureRefused as refused:
        raise BadPicture(str(REFUSALS.get(refused.why, UNPREPARED))) from None
    header, _newline, files = out.partition(b"\n")
    made = json.loads(header)
    ends = list(accumulate(length for _name, length in made["files"]))
    named = tuple((name, files[end - length : end]) for (name, length), end in zip(made["files"], ends, strict=True))
    return Prepared(digest=made["digest"], width=made["width"], height=made["height"], files=named)


def _keep(prepared: Prepared) -> None:
    """Write the files in a folder of their own, which appears whole or not at all."""
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
