"""The WSGI layer in front of Django: WhiteNoise serves the files of the current edition, Django everything else."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise import WhiteNoise

from newsroom.edition import headers, paths, storage
from newsroom.edition.page import Wsgi


class Layer:
    """The WSGI application that gunicorn calls. `refresh` loads a newer edition."""

    def __init__(self, application: Wsgi) -> None:
        """Take Django's application, for every request that the edition cannot answer."""
        self.application = self._pages = application
        self._loaded: tuple[str, int] | None = None
        self.refresh()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer GET and HEAD from the edition, without Django or the database."""
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and paths.is_address(environ["PATH_INFO"]):
            with suppress(FileNotFoundError):  # a page that was taken away since the last refresh
                return self._pages(environ, start_response)
        return self.application(environ, start_response)

    def refresh(self) -> None:
        """Load the current edition if it is another one, or if pages were taken away from it.

        WhiteNoise remembers the sizes of files, so each edition has one of its own, which does not follow the link.
        """
        folder = storage.current_folder()
        loaded = None
        if folder and folder.is_dir():
            loaded = (folder.name, folder.stat().st_mtime_ns)
        if folder and loaded not in (None, self._loaded):
            fields = headers.common(https=settings.HTTPS)

            def add_headers(given: Headers, path: str, url: str) -> None:
                """Set the headers of the one list, and the type by our own table."""
                kind = headers.TYPES.get(path.rpartition(".")[2], "application/octet-stream")
                for name, value in (fields | {"Content-Type": kind}).items():
                    given[name] = value

            self._pages = WhiteNoise(
                self.application,
                root=str(folder / "pages"),
                index_file=True,
                max_age=None,
                allow_all_origins=False,
                add_headers_function=add_headers,
            )
            self._loaded = loaded
