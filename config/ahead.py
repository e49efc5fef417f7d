"""Statements that go ahead: PostgreSQL, in a process of its own, works on one while Python makes the next."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def ahead() -> Iterator[None]:
    """Inside, no statement waits until the one before is done; whoever reads rows waits for all that went before.

    How many rows a statement changed is not known inside. What goes wrong is raised by some later statement, or at the
    end: within a transaction, then, which all of it is part of. SQLite works in Python's own process and waits.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
