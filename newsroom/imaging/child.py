"""Rebuilds one untrusted picture from its pixels alone, from stdin to stdout.

Run this as a child process (`python -m newsroom.imaging.child`, or this file by its path), never inside a server:
decoders are C code that reads untrusted bytes, so they run with few rights and nothing to write to. Without an argument
the output is one JPEG; with `stored`, too, of a picture that this program made before. With widths (pixels, ascending)
it is a line of JSON (`digest`, `width`, `height` and `files`, the name and length of each), then the files in that
order. The exit code is 0, or 1 and stderr has the reason.
"""

import ctypes
import hashlib
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from io import BytesIO

# Every module that decoding needs is imported here: after `limit()` no file can be opened.
from PIL import (
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

Image.preinit()

FORMATS = ("JPEG", "PNG", "WEBP")
STORED = "stored"  # the argument for a picture that should be one of our own JPEGs; anything else is refused
PRELOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
MAX_PIXELS = 40_000_000
LONG_EDGE = 2560  # pixels, of a single JPEG
TALLEST = 4800  # pixels, of files in several widths
QUALITY = 85
WRITTEN: dict[str, tuple[str, dict[str, int | bool]]] = {
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 80, "optimize": True, "progressive": True}),
}

ADDRESS_SPACE = (
    800 * 1024 * 1024
)  # bytes; a WebP of 40 megapixels, the worst honest case, needs 730 MiB
STORED_SPACE = 256 * 1024 * 1024  # bytes, for a JPEG of at most LONG_EDGE pixels each way
CPU_SECONDS = 20
NICER = 5  # a third of the processor's time beside a request, so that a picture is still ready before its time is over
NOBODY = 65534
ORIENTATION = 0x0112  # the EXIF tag
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = range(5, 9)
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

# Why a picture was not rebuilt, as stderr has it.
NOT_A_PICTURE = "not-a-picture"
TOO_MANY_PIXELS = "too-many-pixels"
BROKEN = "broken"


class PictureError(Exception):
    """The picture was not rebuilt; the text is the reason, one of those above."""


def limit(address_space: int = ADDRESS_SPACE) -> None:
    """Drop for good what a decoder does not need: memory, time, files, processes, core dumps, root and precedence."""
    os.nice(
        NICER
    )  # whoever reads or writes goes first, and the kernel ends this where the machine runs out of memory
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - pathlib is not imported here
        file.write("1000")
    _cap(resource.RLIMIT_AS, address_space)
    _cap(resource.RLIMIT_CPU, CPU_SECONDS)
    _cap(resource.RLIMIT_FSIZE, 0)
    _cap(resource.RLIMIT_CORE, 0)
    if os.geteuid() == 0:
        _leave_root()
    _cap(resource.RLIMIT_NPROC, 0)
    _cap(
        resource.RLIMIT_NOFILE, 0
    )  # what is open stays so; with 3, who closes one could open another in its place
    if sys.platform == "linux":
        # A core dump that is piped to a program ignores RLIMIT_CORE, and would contain the picture.
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _cap(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _leave_root() -> None:
    # RLIMIT_NPROC does not bind root, and root can raise any limit again, so become nobody. Where a container forbids
    # that, the limits still stop accidents and bombs, but not hostile code. Do not serve as root.
    with suppress(OSError):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def rebuild(raw: bytes, *, formats: tuple[str, ...] = FORMATS) -> bytes:
    """Return the picture `raw` (JPEG, PNG or WebP) as a JPEG without metadata, upright, on white, 2560 pixels at most.

    Raises `PictureError`. Colour profiles are dropped unread, so a wide-gamut picture comes out a little duller.
    """
    return _encoded(
        _opened(raw, formats, widest=LONG_EDGE, tallest=LONG_EDGE), "JPEG", quality=QUALITY
    )


def render(raw: bytes, *, widths: tuple[int, ...]) -> bytes:
    """Return a picture's description and its files, in each format at those `widths` (ascending) that it reaches.

    Raises `PictureError`. The digest is that of the pixels, so equal pictures get equal names.
    """
    plain = _opened(raw, FORMATS, widest=widths[-1], tallest=TALLEST)
    digest = hashlib.sha256(f"{plain.width}x{plain.height}".encode() + plain.tobytes()).hexdigest()[
        :32
    ]
    files: dict[str, bytes] = {}
    for width in (*(width for width in widths if width < plain.width), plain.width):
        sized = _scaled(plain, width, max(1, round(plain.height * width / plain.width)))
        for kind, (codec, options) in WRITTEN.items():
            files[f"{width}.{kind}"] = _encoded(sized, codec, **options)
    names = [(name, len(content)) for name, content in files.items()]
    header = {"digest": digest, "width": plain.width, "height": plain.height, "files": names}
    return json.dumps(header).encode() + b"\n" + b"".join(files.values())


def _opened(raw: bytes, formats: tuple[str, ...], *, widest: int, tallest: int) -> Image.Image:
    """Return only the pixels in a new RGB image: upright, on white, scaled down to fit; raises `PictureError`."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(BytesIO(raw), formats=formats) as picture:
            return _plain(picture, widest, tallest)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise PictureError(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise PictureError(BROKEN if raw.startswith(MAGIC) else NOT_A_PICTURE) from error
    except Exception as error:  # A decoder may raise anything over a damaged file.
        raise PictureError(BROKEN) from error


def _plain(picture: Image.Image, widest: int, tallest: int) -> Image.Image:
    orientation = _orientation(picture)
    if orientation in SIDEWAYS:
        widest, tallest = tallest, widest
    scale = min(1, widest / picture.width, tallest / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if scale < 1:
        picture.draft(
            "RGB", size
        )  # A large JPEG is decoded at a half, quarter or eighth: less memory, less time.
    picture.load()
    if picture.mode.startswith("I"):
        # convert("RGB") would clip 16 bits of grey.
        picture = picture.convert("I").point([grey // 256 for grey in range(65536)], "L")
    transparent = picture.has_transparency_data
    mode = "RGBA" if transparent else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture = _scaled(picture, *size)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(picture, mask=picture if transparent else None)
    transposition = TRANSPOSITIONS.get(orientation)
    if transposition is None:
        return canvas
    return canvas.transpose(transposition)


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged metadata must not cost a sound picture
        return 1


def _scaled(picture: Image.Image, width: int, height: int) -> Image.Image:
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(plain: Image.Image, codec: str, **options: int | bool) -> bytes:
    out = BytesIO()
    plain.save(out, codec, **options)
    return out.getvalue()


def main() -> int:
    """Rebuild stdin to stdout under `limit()`, in the widths that the arguments name; return the exit code."""
    stored = sys.argv[1:] == [STORED]
    widths = () if stored else tuple(int(width) for width in sys.argv[1:])
    limit(STORED_SPACE if stored else ADDRESS_SPACE)
    try:
        raw = sys.stdin.buffer.read()
        formats = ("JPEG",) if stored else FORMATS
        sys.stdout.buffer.write(
            render(raw, widths=widths) if widths else rebuild(raw, formats=formats)
        )
        sys.stdout.buffer.flush()
    except PictureError as error:
        sys.stderr.write(str(error))
        return 1
    except MemoryError:
        sys.stderr.write(TOO_MANY_PIXELS)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
