"""Makes the files of one picture, from stdin to stdout: upright pixels in several widths, and nothing else.

Run as a child process, by its path, with the widths wanted as arguments: decoders are C code that reads whatever it is
given, so they run where there is little to take and nothing to write to. Writes one line of JSON (`digest`, `width`,
`height` and `files`: name and length of each), then the files one after the other. The exit code is 0, or 1 with one
word on stderr.
"""

import hashlib
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from io import BytesIO

# All that decoding can ask for is imported here: once `limit()` has run, no file can be opened, not even a module.
from PIL import (
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

Image.preinit()

__all__ = ["RenditionError", "limit", "main", "render"]

READ = ("JPEG", "PNG", "WEBP")
PRELOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
MAX_PIXELS = 40_000_000
TALLEST = 4800  # pixels
ORIENTATION = 0x0112  # the EXIF tag
SIDEWAYS = range(5, 9)
WRITTEN: dict[str, tuple[str, dict[str, int | bool]]] = {
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 80, "optimize": True, "progressive": True}),
}
LIMITS = {
    resource.RLIMIT_AS: 800 * 1024 * 1024,  # bytes; as in the cleaning of tips' pictures
    resource.RLIMIT_CPU: 20,  # seconds
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_NOFILE: 3,
}
NOBODY = 65534


class RenditionError(Exception):
    """The picture was not used; the message is one word: not-a-picture, too-many-pixels or broken."""


def limit() -> None:
    """Give up, for good, what a decoder does not need: memory, time, files, processes, core dumps and root."""
    if os.geteuid() == 0:
        with suppress(OSError):  # A container may refuse; the limits still stop accidents and bombs.
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    for what, wanted in LIMITS.items():
        hard = resource.getrlimit(what)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (most, most))


def render(raw: bytes, *, widths: tuple[int, ...]) -> tuple[dict[str, object], bytes]:
    """Return what `raw` (JPEG, PNG or WebP) became and its files, at those `widths` (ascending) that it reaches.

    Metadata and colour profiles are gone, see-through parts are white. Raises RenditionError.
    """
    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(BytesIO(raw), formats=READ) as picture:
            return _files(_plain(picture, widest=widths[-1]), widths)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise RenditionError("too-many-pixels") from error
    except UnidentifiedImageError as error:
        raise RenditionError("not-a-picture") from error
    except Exception as error:  # A decoder may raise anything over a damaged file, and its warnings count as errors.
        raise RenditionError("broken") from error


def _plain(picture: Image.Image, *, widest: int) -> Image.Image:
    """Return the pixels alone in a new upright RGB image, scaled down to fit."""
    width, height = picture.size
    if picture.getexif().get(ORIENTATION) in SIDEWAYS:
        width, height = height, width
    scale = min(1, widest / width, TALLEST / height)
    if scale < 1:
        picture.draft("RGB", (round(picture.width * scale), round(picture.height * scale)))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):
        # convert("RGB") would clip 16 bits of grey.
        upright = upright.convert("I").point([grey // 256 for grey in range(65536)], "L")
    clear = upright.has_transparency_data
    upright = upright.convert("RGBA" if clear else "RGB")
    upright = _scaled(upright, max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright if clear else None)
    return canvas


def _scaled(picture: Image.Image, width: int, height: int) -> Image.Image:
    return picture if picture.size == (width, height) else picture.resize((width, height), Image.Resampling.LANCZOS)


def _files(plain: Image.Image, widths: tuple[int, ...]) -> tuple[dict[str, object], bytes]:
    digest = hashlib.sha256(f"{plain.width}x{plain.height}".encode() + plain.tobytes()).hexdigest()[:32]
    names: list[tuple[str, int]] = []
    out = BytesIO()
    for width in (*(width for width in widths if width < plain.width), plain.width):
        sized = _scaled(plain, width, max(1, round(plain.height * width / plain.width)))
        for kind, (codec, options) in WRITTEN.items():
            before = out.tell()
            one = BytesIO()
            sized.save(one, codec, **options)
            out.write(one.getvalue())
            names.append((f"{width}.{kind}", out.tell() - before))
    return {"digest": digest, "width": plain.width, "height": plain.height, "files": names}, out.getvalue()


def main() -> int:
    """Make the files of stdin's picture under `limit()`; return the exit code."""
    limit()
    try:
        made, files = render(sys.stdin.buffer.read(), widths=tuple(int(width) for width in sys.argv[1:]))
    except (RenditionError, MemoryError) as refused:
        sys.stderr.write(str(refused) or "too-many-pixels")
        return 1
    sys.stdout.buffer.write(json.dumps(made).encode() + b"\n" + files)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
