"""Promise 1: what people tell and what opens it lies nowhere in clear, however hard one looks."""

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from core import catalogues
from reports.sealing import archive
from tests.system.harness import troubles
from tests.system.harness.server import Server
from tests.system.proofs import desk_day, trace, walk
from tests.system.proofs.hunt import Find, Hunter
from tests.system.proofs.leftovers import finds_in, languages_in, listed
from tests.system.proofs.walk import INSIDE, LETTERS, Secrets

APP = "tests.system.proofs.broken:fails_on_purpose()"


OF_SENDERS = {"an address of a sender", "a browser", "a page before", "the language of a sender"}


class Day(NamedTuple):
    """A day of the site: its secrets, where they were found, and the trace of all writings, where one is allowed."""

    secrets: Secrets
    finds: set[Find]
    noted: Path | None


def lived_in(home, **environment):
    """Live a whole day of the site in seconds, kill it, and look for its secrets in what it left."""
    secrets, since, mirror, noted = (
        Secrets(),
        time.time(),
        home.path / "mirror",
        home.path / "trace",
    )
    mirror.mkdir(mode=0o700)
    speak(home)
    environment |= {"OUTBOX_MIRROR": str(mirror)}
    within = trace.command(noted) if trace.is_allowed() else ()
    with Server(home, app=APP, within=within, **environment) as server:
        walk.residents(server.port, secrets)
        walk.in_languages(server.port, secrets)
        member = desk_day.members(server.port, home, secrets)
        desk_day.talk(server.port, member, secrets)
        with troubles.away(home):
            walk.without_database(server.port, member, secrets)
        backups = backed_up(home, mirror, within=within)
        walk.killed_in_flight(server, secrets)
    inside = {name: [name] for name in INSIDE}
    assert len(list(mirror.rglob("*.*"))) > 3, "nothing lies in the mirror"
    finds = finds_in(home, secrets | inside, mirror, *backups, since=since)
    finds |= languages_in(home, LETTERS, mirror, *backups)
    return Day(secrets, finds, noted if within else None)


def speak(home):
    """Let a machine have pages in the languages of the walk."""
    place = home.state / "place"
    facts = (place / "place.toml").read_text()
    (place / "place.toml").write_text(facts.replace("pages = []", f"pages = {[*LETTERS]}"))
    catalogues.write(LETTERS, place=place, texts=(), to=home.state / "languages", demo=True)


def backed_up(home, mirror, *, within):
    """Make a backup; return its folder, and one with all that the recovery sheet takes out of it but the key file.

    The name of the team lead, which lies in the database in clear, must be found there: else nobody has looked.
    """
    folder, unsealed = home.path / "backups", home.path / "unsealed"
    for path in (folder, unsealed):
        path.mkdir()
    home.manage("backup", "--to", str(folder), within=within, OUTBOX_MIRROR=str(mirror))
    for path in folder.glob("*.age"):
        with (
            path.open("rb") as reader,
            archive.opened(reader, identity=home.desk["recovery"]) as members,
        ):
            for name, data in members:
                with (unsealed / name.partition("/")[0]).open("ab") as whole:
                    whole.write(data)
    if not home.database_url:
        assert Hunter({"the team lead": home.desk["username"]}).look_in_sqlite(
            unsealed / "database"
        )
    return folder, unsealed


@pytest.mark.promise(
    "keys",
    control="test_with_stock_settings_the_same_hunt_finds_sessions_uploads_and_log_lines",
    name="nowhere-in-clear",
)
@pytest.mark.proof("plaintext", goal="0 finds")
def test_nothing_that_was_told_or_typed_lies_anywhere_in_clear(own_desk, record_property):
    """Nothing that was told or typed lies anywhere in clear: database, outbox, sessions, temporary files, logs."""
    secrets, finds, noted = lived_in(own_desk)
    traced = "not traced: strace is not allowed here"
    if noted:
        written, count = trace.finds_in(noted, Hunter(secrets | {name: [name] for name in INSIDE}))
        finds, traced = finds | written, f"{count:,} different writings to files traced"
    record_property("figure", f"{len(secrets)} secrets hunted, {traced}, finds {len(finds)}")
    assert not finds, f"{len(finds)} finds:\n{listed(finds)}"
    assert len(secrets) > 50
    assert secrets.keys() > OF_SENDERS
    assert own_desk.log.stat().st_size > 0, (
        "the server said nothing at all: its errors went elsewhere"
    )


@pytest.mark.proof("plaintext", control=True)
def test_with_stock_settings_the_same_hunt_finds_sessions_uploads_and_log_lines(home):
    stock = {"DJANGO_SETTINGS_MODULE": "tests.system.proofs.stock_settings"}
    secrets, finds, noted = lived_in(home, GUNICORN_CMD_ARGS="--access-logfile -", **stock)
    of_senders = {find.secret for find in finds if find.place == str(home.log)} & OF_SENDERS
    assert of_senders == OF_SENDERS, f"no sender in the log:\n{listed(finds)}"
    sessions = {find for find in finds if find.secret == "a cookie" and find.place != str(home.log)}
    assert sessions, f"no cookie among the sessions:\n{listed(finds)}"
    lines = {
        find
        for find in finds
        if find.secret == "the text of a tip that failed" and find.place == str(home.log)
    }
    assert lines, f"no tip in the log:\n{listed(finds)}"
    note = secrets["a note in a large picture"][0].encode()
    uploads = noted is None or any(
        note in data and ".upload" in path for path, data in trace.writings(noted)
    )
    assert uploads, "no upload in the temporary folder"


PLANTED = """
from reports.models import Tip
Tip.objects.create(lookup="0" * 64, reference="0000-0000", received="2026-11-30", opened=True, area="ur")
"""


@pytest.mark.proof("plaintext", control=True)
def test_control_a_language_in_a_column_a_file_name_or_the_log_is_found(home):
    home.log.touch()
    assert languages_in(home, LETTERS) == set()
    home.manage("shell", "-c", PLANTED)
    (home.outbox / "0123abcd.ur").touch()
    (home.outbox / "0123abcd").write_bytes(b'{"pages":"ur"}\nage-encryption.org')
    home.log.write_text('{"level": "ERROR", "pages": "pl"}\n', encoding="utf-8")
    column = "reports_tip" if home.database_url else "reports_tip.area"
    places = {"a name", str(home.outbox / "0123abcd"), "the log", column}
    assert {find.place for find in languages_in(home, LETTERS)} == places
