"""Asking a WSGI application as a server does."""

import re
from dataclasses import dataclass
from wsgiref.util import setup_testing_defaults

FROM_A_FILE = re.compile(
    '"[0-9a-f]+-[0-9a-f]+"'
)  # the tag that nginx and WhiteNoise give a file: its time and size


@dataclass(frozen=True)
class Said:
    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def from_edition(self):
        """Return whether a page came from a file of an edition; Django's tags are digests."""
        return bool(FROM_A_FILE.fullmatch(self.fields.get("ETag", "").removeprefix("W/")))


def ask(application, path, *, method="GET", **fields):
    """Return the answer to a request; fields are headers, `if_none_match="..."`."""
    path, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {f"HTTP_{name.upper()}": value for name, value in fields.items()}
    setup_testing_defaults(environ)
    said = {}

    def start_response(status, headers, exc_info=None):
        names = [name for name, _ in headers]
        assert len(names) == len(set(names)), "a header is there twice"
        said.update(status=int(status[:3]), fields=dict(headers))

    chunks = application(environ, start_response)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return Said(said["status"], said["fields"], body)
