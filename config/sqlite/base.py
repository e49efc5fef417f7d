"""The backend: to open a database and read its schema anew takes longer than all that a page asks of it."""

import os
from functools import lru_cache
from typing import Any, override

from django.db.backends.sqlite3 import base, features

LONG = 10_000  # characters of a statement that is not remembered: it names many rows, and hardly comes again
type Identity = tuple[int, int] | None  # a file's device and number; None where there is no file


class DatabaseFeatures(features.DatabaseFeatures):
    """What our SQLite can do, where Django would find that out by beginning to write.

    While another writes it would learn that there is no JSON, and believe that for as long as the process lives.
    """

    supports_json_field = True


class Cursor(base.SQLiteCursorWrapper):
    """Remembers how SQLite writes the places of values: to rewrite a long statement takes as long as to run it."""

    @override
    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """Return the statement in SQLite's own words."""
        if param_names is not None or len(query) > LONG:
            return super().convert_query(query, param_names=param_names)
        return _converted(query)


@lru_cache(maxsize=512)
def _converted(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """A kept connection is used again only while its file lies where it lay.

    A database that was put back from a backup is another file: what went into the old one would be lost.
    """

    features_class = DatabaseFeatures
    _opened: Identity = None

    @override
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and note to which file."""
        connection = super().get_new_connection(conn_params)
        self._opened = self._file()
        return connection

    @override
    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor of ours."""
        return self.connection.cursor(factory=Cursor)

    @override
    def is_usable(self) -> bool:
        """Return whether the connection leads to the file that is there now; Django asks before its first use."""
        return self._opened == self._file()

    def _file(self) -> Identity:
        try:
            facts = os.stat(self.settings_dict["NAME"])  # noqa: PTH116 - asked for every request
        except OSError:
            return None
        return facts.st_dev, facts.st_ino
