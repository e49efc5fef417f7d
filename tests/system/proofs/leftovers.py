"""A look at everything that a server and its database left behind."""

import re

from tests.system.harness import databases
from tests.system.proofs.hunt import Find, Hunter, every_file, sqlite_values


def finds_in(home, secrets, *more, since):
    """Return where secrets lie: state folder, temporary folder, log, `more`, and a PostgreSQL's files and rows."""
    hunter = Hunter(secrets)
    finds = hunter.look_everywhere(home.state, home.tmp, home.log, *more)
    if home.database_url:
        finds |= hunter.look_everywhere(*databases.files(home.database_url, since=since))
        for table, rows in databases.rows(home.database_url):
            finds |= hunter.look(rows, f"table {table}")
    return finds


def languages_in(home, codes, *more):
    """Return where a language's two letters stand alone: in names of files and their first lines, log and database.

    Of the state folder, what the site offers everybody in each language is left out.
    """
    alone = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(codes)})(?![0-9A-Za-z])")
    offered = [home.state / name for name in ("languages", "place", "edition")]
    values = [("the log", line) for line in home.log.read_bytes().splitlines()]
    values += (
        databases.rows(home.database_url) if home.database_url else sqlite_values(home.database)
    )
    for start in (home.state, home.tmp, *more):
        files = [
            path
            for path in every_file(start)
            if not any(path.is_relative_to(one) for one in offered)
        ]
        values += [("a name", bytes(path.relative_to(start))) for path in files]
        values += [(str(path), path.read_bytes().partition(b"\n")[0]) for path in files]
    texts = [(place, value.decode()) for place, value in values if is_text(value)]
    return {
        Find(found[0], place, text[:80]) for place, text in texts if (found := alone.search(text))
    }


def is_text(value):
    """Return whether a value is no ciphertext, in which any two letters stand by chance."""
    try:
        return "\0" not in value.decode()
    except UnicodeDecodeError:
        return False


def listed(finds):
    """Return the finds, one line each."""
    return "\n".join(f"  {find.secret}: in {find.place}, as {find.how}" for find in sorted(finds))
