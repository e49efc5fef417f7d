"""Uploads of pictures, read as they come: what is too large is counted and thrown away, and can still be named.

Nobody holds a thread with a slow upload: after PHOTO_READ_TIME the pictures that have come whole are all there are.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from reports.domain.intake.photos import MAX_BYTES, MAX_PICTURES


class PictureUploads(FileUploadHandler):
    """Keeps the first MAX_PICTURES files in memory, each of at most MAX_BYTES; of any other its name and size."""

    def __init__(self, request: Any = None) -> None:
        """Begin with no file."""
        super().__init__(request)
        self.number = 0
        self.content = BytesIO()
        self.late = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.number += 1
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a chunk; with the one that makes a file too large, let go of all that was kept of it."""
        if self.number <= MAX_PICTURES and start + len(raw_data) <= MAX_BYTES:
            self.content.write(raw_data)
        elif self.content.tell():
            self.content = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file with the size that it had; it is empty if it was not kept."""
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
        )


def read(request: HttpRequest) -> None:
    """Read the form of a request that PictureUploads handles, for at most PHOTO_READ_TIME."""
    handler = PictureUploads(request)
    request.upload_handlers = [handler]
    with _at_most(settings.PHOTO_READ_TIME, request.META.get("gunicorn.socket"), handler):
        len(request.POST)  # Django reads the whole body here


def is_late(request: HttpRequest) -> bool:
    """Return whether the time was over before all of the form had come."""
    return any(
        handler.late for handler in request.upload_handlers if isinstance(handler, PictureUploads)
    )


@contextmanager
def _at_most(
    seconds: float, connection: socket.socket | None, handler: PictureUploads
) -> Iterator[None]:
    """Let the body of a request end after a time; the answer can still be sent.

    A read waits until it has all that it asked for, so a byte a minute would hold it for days: no check between two
    reads would be enough.
    """

    def end() -> None:
        handler.late = True
        if connection is not None:
            with suppress(OSError):  # its sender has left
                connection.shutdown(socket.SHUT_RD)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
