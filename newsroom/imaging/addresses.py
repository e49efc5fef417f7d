"""The addresses of a picture's files, and its reference in Markdown. Pure: no Django, no database."""

import re
from dataclasses import dataclass

FOLDER = "images"  # in the media folder
ADDRESS = f"/media/{FOLDER}/"
WIDTHS = (480, 960, 1600)  # pixels
REFERENCE = re.compile(r"image:([0-9a-f]{32})-([1-9][0-9]{0,3})x([1-9][0-9]{0,4})")
SIZES = "(min-width: 60rem) 42rem, 100vw"


@dataclass(frozen=True)
class Picture:
    """One of the site's own pictures; `width` and `height` are those of its largest file, in pixels."""

    digest: str
    width: int
    height: int

    @property
    def reference(self) -> str:
        """The address of the picture in Markdown, with its size, so that rendering needs no query."""
        return f"image:{self.digest}-{self.width}x{self.height}"

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of its files, ascending."""
        return (*(width for width in WIDTHS if width < self.width), self.width)

    @property
    def src(self) -> str:
        """The address of the largest JPEG, for browsers without srcset."""
        return self._file(self.width, "jpg")

    @property
    def srcset(self) -> str:
        """The srcset of the JPEG files."""
        return self._set("jpg")

    @property
    def webp(self) -> str:
        """The srcset of the WebP files."""
        return self._set("webp")

    @property
    def sizes(self) -> str:
        """The sizes attribute: the width of the picture on a page."""
        return SIZES

    @property
    def thumbnail(self) -> str:
        """The address of the smallest JPEG."""
        return self._file(self.widths[0], "jpg")

    def _set(self, kind: str) -> str:
        return ", ".join(f"{self._file(width, kind)} {width}w" for width in self.widths)

    def _file(self, width: int, kind: str) -> str:
        return f"{ADDRESS}{self.digest}/{width}.{kind}"


def parse(reference: str) -> Picture | None:
    """Return the picture of a reference `image:<digest>-<width>x<height>`, None for any other text."""
    match = REFERENCE.fullmatch(reference)
    if match:
        return Picture(match[1], int(match[2]), int(match[3]))
    return None
