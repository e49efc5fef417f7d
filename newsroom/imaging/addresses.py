"""Where the files of a picture lie and how a page asks for them: pure, no Django, no database."""

import re
from dataclasses import dataclass

FOLDER = "images"  # in the media folder
ADDRESS = f"/media/{FOLDER}/"
WIDTHS = (480, 960, 1600)  # pixels
FORMATS = ("webp", "jpg")
REFERENCE = re.compile(r"image:([0-9a-f]{32})-([1-9][0-9]{0,3})x([1-9][0-9]{0,4})")
SIZES = "(min-width: 60rem) 42rem, 100vw"


@dataclass(frozen=True)
class Picture:
    """A picture of our own; `width` and `height` are those of its largest file, in pixels."""

    digest: str
    width: int
    height: int

    @property
    def reference(self) -> str:
        """What stands for the picture in Markdown: it says the size too, so that a page needs no look-up."""
        return f"image:{self.digest}-{self.width}x{self.height}"

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths there are, ascending; never wider than what was sent."""
        return (*(width for width in WIDTHS if width < self.width), self.width)

    @property
    def src(self) -> str:
        """The address of the largest JPEG, for readers whose browser chooses nothing."""
        return self._file(self.width, "jpg")

    @property
    def srcset(self) -> str:
        """The JPEGs."""
        return self._set("jpg")

    @property
    def webp(self) -> str:
        """The same as WebP."""
        return self._set("webp")

    @property
    def sizes(self) -> str:
        """How wide a page shows it."""
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
    """Return the picture that a reference like `image:<digest>-<width>x<height>` stands for, None for anything else."""
    found = REFERENCE.fullmatch(reference)
    return Picture(found[1], int(found[2]), int(found[3])) if found else None


def named_in(markdown: str) -> set[Picture]:
    """Return the pictures that a text refers to."""
    return {Picture(digest, int(width), int(height)) for digest, width, height in REFERENCE.findall(markdown)}
