"""What somebody who can write to the database, or make an archive, would call a file; and whether one was touched."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction

OUTSIDE = "outside-of-every-folder"  # in the state folder, where nothing of ours is called so


# Wherever the folder lies; SQLite keeps any type in any column.
NONE = (
    *(
        "../../../desk/desk.pub",
        "../../desk/desk.pub",
        "../desk/desk.pub",
        b"../../../desk/desk.pub",
        480,
    ),
    *(
        "../../../node",
        "../../node",
        "../node",
    ),  # so short that PostgreSQL takes them for a picture's file
    *(
        f"to-the-desk/{OUTSIDE}",
        "to-the-desk",
        "desk.pub",
        "..",
        ".",
        "/",
        "",
    ),  # the first two through a link
    *("..\\..\\desk\\desk.pub", "C:\\desk.pub", "~/desk.pub", "$STATE_DIR/desk/desk.pub", "*"),
    *(
        "．．／．．／desk／desk.pub",
        "‥/‥/desk/desk.pub",
    ),  # what some programs take for dots and a stroke
    *("%2e%2e%2f%2e%2e%2fdesk%2fdesk.pub", "....//....//desk/desk.pub"),
    *("480.jpg\n", "480.jpg/../480.jpg", "a" * 300, "a/" * 3000),
)


def names(home):
    """Return more than thirty names that lead out of a folder, to the desk's key most of all, or are none at all."""
    state = settings.STATE_DIR
    to_state = os.path.relpath(state, home)
    return [
        f"{to_state}/desk/desk.pub",
        f"{to_state}/{OUTSIDE}",
        f"{to_state}/desk/keyring.age",
        f"{to_state}/desk/*",
        f"{state}/desk/desk.pub",
        f"{state}/{OUTSIDE}",
        f"./{to_state}/desk/desk.pub",
        f"x/../{to_state}/desk/desk.pub",
        f"//{str(state).lstrip('/')}/desk/desk.pub",
        f"{to_state}/desk/desk.pub\n",
        f"{to_state}/desk/desk.pub\0.jpg",
        f"480.jpg/../{to_state}/../desk/desk.pub",
        "../" * 40 + str(state).lstrip("/") + f"/{OUTSIDE}",
        *NONE,
    ]


def put(sql, *values):
    """Run a statement as somebody who owns the database can; return whether it took the row."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except (
        DatabaseError,
        ValueError,
    ):  # PostgreSQL counts characters, and keeps no NUL and no bytes as text
        return False
    return True


def state(*, without=()):
    """Return the hash of each file of the state folder, the target of each link, and each folder.

    The database's own files are left out, and what lies in these folders.
    """
    found = {}
    for folder, folders, files in os.walk(settings.STATE_DIR):
        for name in (*folders, *files):
            path = Path(folder, name)
            inside = str(path.relative_to(settings.STATE_DIR))
            if inside.split("/", 1)[0] in without or ".sqlite3" in inside:
                continue
            found[inside] = _content(path)
    return found


def _content(path):
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
