"""Pictures for tests, made on the spot, and a reader of JPEG segments."""

import struct
import zlib
from io import BytesIO

from PIL import Image, PngImagePlugin

ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825
SOI, EOI, SOS, APP0, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xFE


def gradient(size=(240, 160)):
    """Smooth, with a different colour in each corner, so that JPEG hardly changes it and a turn is seen."""
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (across, down, Image.new("L", size, 90)))


def encode(picture, kind, **options):
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def decode(raw):
    picture = Image.open(BytesIO(raw))
    picture.load()
    return picture


def exif(*, description="", orientation=1):
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    notes[DESCRIPTION] = description
    notes.get_ifd(GPS).update(
        {1: "N", 2: (52.0, 2.0, 26.0), 3: "W", 4: (0.0, 45.0, 33.0), 29: description}
    )
    return notes


def xmp(marker):
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><owner>{marker}</owner></x:xmpmeta>'.encode()


def telling_jpeg(marker):
    return encode(
        gradient(),
        "JPEG",
        quality=95,
        exif=exif(description=marker),
        comment=marker.encode(),
        icc_profile=b"profile of " + marker.encode(),
        xmp=xmp(marker),
    )


def telling_png(marker):
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", marker)
    text.add_text("Comment", marker, zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp(marker).decode())
    profile = b"profile of " + marker.encode()
    return encode(
        gradient(), "PNG", pnginfo=text, icc_profile=profile, exif=exif(description=marker)
    )


def telling_webp(marker):
    profile = b"profile of " + marker.encode()
    notes = exif(description=marker)
    return encode(gradient(), "WEBP", quality=95, exif=notes, icc_profile=profile, xmp=xmp(marker))


def png_bomb(size):
    """A PNG of a few kilobytes that claims `size`, all of one colour and well formed as far as it goes."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(3 * 1024 * 1024), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def segments(jpeg):
    """Every marker of a baseline or progressive JPEG with its payload, in order; fails on bytes after the end."""
    assert jpeg[:2] == bytes((0xFF, SOI))
    found, at = [(SOI, b"")], 2
    while True:
        assert jpeg[at] == 0xFF
        marker = jpeg[at + 1]
        if marker == EOI:
            assert jpeg[at + 2 :] == b"", "bytes after the end of the picture"
            return [*found, (EOI, b"")]
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append((marker, jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == SOS:
            while jpeg[at] != 0xFF or jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
                at += 1


def notes_in(jpeg):
    """The segments that can carry notes: every APPn and COM except a bare JFIF header (no thumbnail)."""
    return [
        (marker, payload)
        for marker, payload in segments(jpeg)
        if APP0 <= marker <= 0xEF or marker == COM
        if not (marker == APP0 and payload.startswith(b"JFIF\0") and len(payload) == 14)
    ]


def stored(grey=90):
    """A picture as we store them, which stays the same byte for byte when it is drawn anew."""
    return encode(Image.new("RGB", (16, 16), (grey, grey, grey)), "JPEG", quality=85)
