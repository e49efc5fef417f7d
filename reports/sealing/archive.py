"""A sealed archive: a tar inside an age file, packed and opened as a stream, so that no size needs memory.

`age -d -i key archive.age | tar x` opens it without this code. What is longer than PART lies in several members,
`database/00001`, `database/00002` ...: joined they are the whole. The last member is called `end`, so that an archive
whose making stopped half-way is noticed.
"""

import io
import os
import tarfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Protocol

import pyrage

PART = 4 * 1024 * 1024  # bytes of a part
END = "end"
AGE = b"age-encryption.org/v1\n"


class Stream(Protocol):
    """What can be read piece by piece, to an empty one at its end."""

    def read(self, size: int = -1, /) -> bytes: ...


type Content = bytes | Stream
type Member = tuple[str, Content]


class ArchiveError(Exception):
    """An archive that cannot be used."""


class WrongKey(ArchiveError):
    """The archive does not open with this identity."""


class Torn(ArchiveError):
    """The archive is no archive, was changed, or ends before its end."""


def seal(members: Iterable[Member], writer: IO[bytes], *, recipients: Iterable[str]) -> None:
    """Write the members to `writer` as an archive that each of the `recipients` (`age1...`) opens.

    A name with a stream is written in parts. `members` is asked for in a thread of its own; what it raises is raised.
    """
    keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]

    def pack(out: IO[bytes]) -> None:
        with tarfile.open(fileobj=out, mode="w|") as tar:
            for name, content in members:
                for part, data in _parts(name, content):
                    _add(tar, part, data)
            _add(tar, END, b"")

    with _beside(pack) as reader:
        try:
            pyrage.encrypt_io(reader, writer, keys)
        except pyrage.EncryptError as error:  # it says so of whatever the writer raises
            raise OSError(str(error)) from error


@contextmanager
def opened(reader: IO[bytes], *, identity: str) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Yield an archive's members in their order, each a name and at most PART bytes; raises WrongKey or Torn.

    They are verified only once the iterator has ended by itself: whoever stops before trusts what may be torn.
    """
    if reader.read(len(AGE)) != AGE:
        raise Torn("This is not an age file.")
    reader.seek(0)
    key = pyrage.x25519.Identity.from_str(identity)
    count = [0]

    def unseal(out: IO[bytes]) -> None:
        try:
            pyrage.decrypt_io(reader, _Counted(out, count), [key])
        except pyrage.DecryptError as error:
            raise (Torn if count[0] else WrongKey)(str(error)) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Torn(str(error)) from error

    with _beside(unseal) as inner:
        yield _members(inner)


def _members(inner: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=inner, mode="r|") as tar:
            for member in tar:
                if member.name == END:
                    deque(
                        iter(partial(inner.read, PART), b""), maxlen=0
                    )  # to the last byte, which age proves
                    return
                file = None
                if member.isreg() and member.size <= PART:
                    file = tar.extractfile(member)
                if file is None:
                    raise Torn(f"{member.name} is no plain part.")
                yield member.name, file.read()
    except (tarfile.TarError, EOFError) as error:
        raise Torn(str(error)) from error
    raise Torn("It ends before its end.")


def _parts(name: str, content: Content) -> Iterator[tuple[str, bytes]]:
    if isinstance(content, bytes):
        yield name, content
        return
    number = 0
    while data := content.read(PART):
        number += 1
        yield f"{name}/{number:05}", data


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(data))


@contextmanager
def _beside(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """Yield what `write` writes in a thread of its own; its error takes precedence over what followed from it."""
    read_end, write_end = os.pipe()
    failed: list[Exception] = []

    def run() -> None:
        try:
            with os.fdopen(write_end, "wb") as out:
                write(out)
        except BrokenPipeError:
            pass  # nobody reads on
        except Exception as error:  # noqa: BLE001 - raised below, where it can be caught
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as reader:
            yield reader
    except Exception:
        thread.join()
        if failed:
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]


class _Counted:
    """A writer that counts."""

    def __init__(self, out: IO[bytes], count: list[int]) -> None:
        self._out = out
        self._count = count

    def write(self, data: bytes) -> int:
        self._count[0] += len(data)
        return self._out.write(data)
