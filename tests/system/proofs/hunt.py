"""A search for secrets in whatever a server left behind, in every dress that software puts on text.

A naive search for bytes passes falsely: Django's sessions are zlib inside base64, logs escape, forms quote.
"""

import base64
import html
import json
import os
import re
import sqlite3
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

DEPTH = 4  # dresses one over the other: base64 of zlib of JSON is two
MOST = 32 * 1024 * 1024  # bytes that one stream may unfold to
SHORTEST = 6  # bytes of a pattern: a shorter one stands anywhere by chance

BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_\-]{16,}")
HEX_RUN = re.compile(rb"[0-9A-Fa-f]{24,}")
# Text in ASCII, or in UTF-16 or 32 of it. Most of what is searched is ciphertext and holds next to none.
TEXT_RUN = re.compile(rb"(?:[\t\n\r\x20-\x7e]\x00{0,3}){6,}")
# A zlib header (deflate, a checksum that fits is looked at below), or gzip's.
STREAM = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78][\x00-\xff]|\x1f\x8b\x08", re.DOTALL)
TO_STANDARD = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, order=True)
class Find:
    """A secret that was found: its name, the place, and the dresses from the outside in."""

    secret: str
    place: str
    how: str


class Patterns:
    """What is looked for: name, dress and bytes of each."""

    def __init__(self, patterns):
        """Sort them by how they begin."""
        self._all = patterns
        self._width = min((len(pattern) for *_, pattern in patterns), default=1)
        self._by_beginning = {}
        for pattern in patterns:
            self._by_beginning.setdefault(pattern[2][: self._width], []).append(pattern)

    def found_in(self, data):
        """Return those that stand in some bytes. Of a short piece, only what begins like something in it is tried."""
        candidates = self._all
        if len(data) < len(self._all):
            parts = {data[at : at + self._width] for at in range(len(data) - self._width + 1)}
            candidates = [
                pattern
                for part in parts & self._by_beginning.keys()
                for pattern in self._by_beginning[part]
            ]
        return [pattern for pattern in candidates if pattern[2] in data]


class Hunter:
    """Looks for named secrets; each may be given in several forms (words with spaces, with hyphens ...)."""

    def __init__(self, secrets):
        """Take the secrets by name."""
        forms = {
            name: [form] if isinstance(form, str) else list(form) for name, form in secrets.items()
        }
        known = {}
        for name, texts in forms.items():
            for how, pattern in (dress for text in texts for dress in dresses(text)):
                known.setdefault((name, pattern), how)
        patterns = [(name, how, pattern) for (name, pattern), how in known.items()]
        self._textual = Patterns(
            [pattern for pattern in patterns if TEXT_RUN.fullmatch(pattern[2])]
        )
        self._other = Patterns(
            [pattern for pattern in patterns if not TEXT_RUN.fullmatch(pattern[2])]
        )

    def look(self, data, place):
        """Return all finds in some bytes, under all dresses."""
        return {Find(name, place, " in ".join(how)) for name, how in self._look(data, (), set())}

    def look_everywhere(self, *paths):
        """Return all finds in files and folders: their names and their content, and SQLite's values one by one."""
        finds = set()
        files = {}  # by inode: a file with two names is read once
        for path in (file for start in paths for file in every_file(start)):
            finds |= self.look(os.fsencode(path.name), f"the name of {path}")
            with suppress(FileNotFoundError):
                files.setdefault(path.stat().st_ino, path)
        for path in files.values():
            with suppress(FileNotFoundError):
                finds |= self.look(path.read_bytes(), str(path))
        for path in (
            files.values()
        ):  # only now: opening a database may tidy what a killed server left beside it
            finds |= self.look_in_sqlite(path)
        return finds

    def look_in_sqlite(self, path):
        """Return all finds in a database's values, which the file may hold in pieces; nothing for other files."""
        finds = set()
        for place, value in sqlite_values(path):
            finds |= self.look(value, f"{path}, {place}")
        return finds

    def _look(self, data, how, seen):
        text = b"\xff".join(TEXT_RUN.findall(data))
        for where, patterns in ((text, self._textual), (data, self._other)):
            yield from ((name, (dress, *how)) for name, dress, _pattern in patterns.found_in(where))
        if len(how) < DEPTH:
            for dress, inner in undressed(data, text):
                if inner not in seen:
                    seen.add(inner)
                    yield from self._look(inner, (dress, *how), seen)


def dresses(text):
    """Yield how a text looks in each encoding that leaves it findable as bytes."""
    plain = text.encode()
    yield "plain", plain
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield coding, text.encode(coding).strip(b"\0")
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for phase in range(3):
        yield f"base64 at {phase}", _base64(plain, phase)
        yield (
            f"base64 at {phase}, url-safe",
            _base64(plain, phase).translate(bytes.maketrans(b"+/", b"-_")),
        )
    once = {"url": quote(text), "url, all": quote(text, safe=""), "form": quote_plus(text)}
    for way, quoted in (once | {"url twice": quote(quote(text, safe=""))}).items():
        yield way, quoted.encode()
        yield (
            f"{way}, lower case",
            re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted).encode(),
        )
    yield "percents", "".join(f"%{byte:02X}" for byte in plain).encode()
    escaped = json.dumps(text)[1:-1]
    yield "JSON", escaped.encode()
    yield "JSON in JSON", json.dumps(escaped)[1:-1].encode()
    yield "Python", repr(text)[1:-1].encode()
    yield "Python bytes", repr(plain)[2:-1].encode()
    yield "HTML", html.escape(text).encode()
    yield "HTML entities", "".join(f"&#{ord(letter)};" for letter in text).encode()
    yield "backwards", plain[::-1]


def undressed(data, text):
    """Yield what can be unfolded: zlib and gzip streams in some bytes, runs of base64 and of hex in their text."""
    for match in STREAM.finditer(data):
        if inner := _inflate(data, match.start()):
            yield "zlib" if data[match.start()] != 0x1F else "gzip", inner
    for match in BASE64_RUN.finditer(text):
        for phase in range(4):  # the run may begin with letters that belong to something else
            run = match[0][phase:].translate(TO_STANDARD)
            whole = run[:-1] if len(run) % 4 == 1 else run
            yield "base64", base64.b64decode(whole + b"=" * (-len(whole) % 4))
    for match in HEX_RUN.finditer(text):
        for phase in range(2):
            run = match[0][phase:]
            yield "hex", bytes.fromhex(run[: len(run) // 2 * 2].decode())


def sqlite_values(path):
    """Yield each value of a SQLite file with its table and column, as bytes; a damaged file yields what it can."""
    try:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                return
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.text_factory = bytes
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
            for (table,) in tables:
                rows = database.execute(f'SELECT * FROM "{table.decode()}"')
                names = [column[0] for column in rows.description]
                for row in rows:
                    for name, value in zip(names, row, strict=True):
                        if isinstance(value, bytes):
                            yield f"{table.decode()}.{name}", value
    except (OSError, sqlite3.DatabaseError):
        return


def every_file(start):
    """Yield a file, or every file under a folder."""
    if start.is_file():
        yield start
    for folder, _folders, names in os.walk(start):
        yield from (Path(folder) / name for name in names if not (Path(folder) / name).is_symlink())


def _base64(plain, phase):
    """Return the letters of base64 that depend on `plain` alone when `phase` bytes stand before it."""
    coded = base64.b64encode(b"\0" * phase + plain)
    first = -(-phase * 8 // 6)  # letters that hold a bit of what stands before
    last = (phase + len(plain)) * 8 // 6  # letters that are full by the end of `plain`
    return coded[first:last]


def _inflate(data, start):
    """Return what unfolds from `start`, also from a stream that was cut; nothing when none begins there."""
    gzip = data[start] == 0x1F
    if not gzip and int.from_bytes(data[start : start + 2], "big") % 31:
        return b""
    stream, out = zlib.decompressobj(31 if gzip else 15), b""
    for at in range(start, len(data), 64):  # in small steps: what came before an error counts
        try:
            out += stream.decompress(data[at : at + 64], MOST - len(out))
        except zlib.error:
            break
        if stream.eof or len(out) >= MOST:
            break
    return out if len(out) >= SHORTEST else b""
