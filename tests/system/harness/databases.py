"""The databases of proofs: made, copied, and read as a thief would read them."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

FIRST_OF_OURS = 16384  # PostgreSQL's own catalogues have lower numbers ...
STATISTICS = ("2619", "2840", "2841")  # ... and of them these hold samples of what tables hold


def name_of(url):
    """Return the name of a URL's database."""
    return urlsplit(url).path.strip("/")


def own(*, like=""):
    """Make a database beside the run's and return its URL, or nothing where SQLite's is a file.

    It is empty, or a copy of the database at the URL `like`, which nobody may be using.
    """
    url = os.environ.get("DATABASE_URL", "")
    return new_database(url, template=name_of(like) if like else "template1") if url else ""


def new_database(url, *, template="template1"):
    """Make a database beside that of `url` and return its URL."""
    name = f"proof_{secrets.token_hex(6)}"
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    maintain(url, make)
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def drop_database(url):
    """Remove a database that `new_database` made; without a URL there is none."""
    if url:
        maintain(
            url,
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(url))),
        )


def public_login(url):
    """Make the login of a database's public machines, which has no rights yet, and return its URL."""
    login = f"{name_of(url)}_public"
    maintain(url, sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def drop_login(url):
    """Remove a login that `public_login` made; its database is gone already."""
    login = urlsplit(url).username or ""
    maintain(
        os.environ["DATABASE_URL"], sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(login))
    )


def maintain(url, statement):
    """Do one act of maintenance, from the server's own first database."""
    with psycopg.connect(
        urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True
    ) as connection:
        connection.execute(statement)


def files(url, *, since):
    """Return a PostgreSQL's own files: those of the database, what of its journal is newer than `since`, its log."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        (oid,) = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone() or (0,)
    tables = [
        path for path in Path(folder, "base", str(oid)).iterdir() if _may_hold_rows(path.name)
    ]
    journal = [
        path for path in Path(folder, "pg_wal").glob("0*") if path.stat().st_mtime >= since - 1
    ]
    return [*tables, *journal, Path(folder, "log")]


def rows(url):
    """Yield each table of a PostgreSQL database with all that it holds, as it would be dumped."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
            with connection.cursor().copy(statement) as blocks:
                yield table, b"".join(bytes(block) for block in blocks)


def _may_hold_rows(name):
    number = re.split(r"[._]", name, maxsplit=1)[0]
    return number in STATISTICS or (number.isdigit() and int(number) >= FIRST_OF_OURS)
