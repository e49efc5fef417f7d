"""Backups: sealed, whole, few, and verified by the machine that made them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.backup import backups, check, contents, database
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.storage import deletion_records
from reports.models import BackupMark
from reports.sealing import archive, keyring

# A copy waits for writers, and sees what is committed.
pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def files(folder):
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_holds_what_a_new_machine_needs(founded, folder):
    founded.tell("A grey van.")
    Session.objects.create(session_key="k", session_data="d", expire_date=timezone.now())
    name = backups.make(to=folder)
    assert (folder / name).stat().st_mode & 0o777 == 0o600
    with (
        (folder / name).open("rb") as reader,
        contents.laid_out(reader, identity=founded.sheet) as inside,
    ):
        held = {str(path.relative_to(inside)) for path in inside.rglob("*") if path.is_file()}
        assert held == {"backup.json", "database", "secret_key", "settings", "profile.json"}
        assert (inside / "secret_key").read_text() == settings.SECRET_KEY
        assert settings.SECRET_KEY not in (inside / "settings").read_text()
        assert b"django_session" in (inside / "database").read_bytes()
        assert inside.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in inside.rglob("*") if path.is_file())
        assert database.contents_of(inside / "database")[0].tips == 1
    with (
        (folder / backups.DESK).open("rb") as reader,
        contents.laid_out(reader, identity=founded.sheet) as inside,
    ):
        assert {"keyring.age", "desk.pub", "backup.pub", "deletion_records"} <= set(files(inside))
    assert [path.name for path in settings.STATE_DIR.iterdir() if path.name.startswith(".")] == []


def test_secrets_stay_out_of_the_settings(monkeypatch):
    for name in ("SECRET_KEY", "MAIL_PASSWORD", "DATABASE_URL", "MAIL_PASSWORD_FILE", "SITE_ROLE"):
        monkeypatch.setenv(name, f"the value of {name}")
    said = backups._settings()
    assert "SITE_ROLE='the value of SITE_ROLE'" in said
    assert "MAIL_PASSWORD_FILE='the value of MAIL_PASSWORD_FILE'" in said
    for name in ("SECRET_KEY", "MAIL_PASSWORD", "DATABASE_URL"):
        assert f"# {name} is secret" in said
        assert f"the value of {name}'" not in said


def test_verify_opens_the_newest_and_counts(founded, folder):
    founded.tell("One.")
    founded.tell("Two.")
    backups.make(to=folder)
    assert not backups.verified()
    held = check.verify()
    assert (held.number, held.tips, held.entries) == (1, 2, 2)
    assert backups.verified().get() == BackupMark.objects.get()


@pytest.mark.parametrize(
    "ahead", [None, False, True], ids=["none", "one", "by a clock that was ahead"]
)
def test_it_is_late_two_days_after_the_newest_or_else_after_the_desk_was_made(
    founded, ahead, settings
):
    now = timezone.now()
    if ahead is not None:
        taken_at = now + timedelta(days=300 if ahead else 0)
        BackupMark.objects.create(
            number=1, taken_at=taken_at, verified_at=now, oldest=1, oldest_key=0
        )
    assert not backups.is_late(now=now)
    assert backups.is_late(now=now + backups.LATE * 2)
    settings.DEMO = True
    assert not backups.is_late(now=now + backups.LATE * 2)


def test_the_machine_opens_the_newest_alone_and_the_sheet_every_one(founded, folder):
    first, second = backups.make(to=folder), backups.make(to=folder)
    assert check.verify(path=folder / second).number == 2
    with pytest.raises(Refused, match="That key does not open this file"):
        check.verify(path=folder / first)
    assert check.verify(path=folder / first, identity=founded.sheet).number == 1


def stopped():
    """Return the first digits of the stopped receipts whose deletion records stand."""
    standing = deletion_records.standing()
    return {name[0] for name in standing.names(deletion_records.STOPPED)} if standing else set()


def age(days):
    """Let the backups on record be this many days older."""
    BackupMark.objects.update(taken_at=F("taken_at") - timedelta(days=days))


def test_keep_leaves_the_newest_and_age_lets_deletion_records_go(founded, folder):
    names = []
    for _ in range(4):
        names.append(backups.make(to=folder, keep=2))
        deletion_records.add_stopped(lookup=f"{len(names)}" * 64)
    assert files(folder) == sorted([*names[2:], backups.DESK])
    assert stopped() == {"1", "2", "3", "4"}
    age(36)
    backups.make(to=folder, keep=2)
    assert stopped() == {"3", "4"}, "the folder still holds the fourth, whatever its age"
    age(36)
    backups.make(to=folder, keep=1)
    assert stopped() == set()
    assert [mark.oldest for mark in BackupMark.objects.all()] == [6, 4, 1, 1, 1, 1]


def test_a_number_is_never_used_twice(founded, folder):
    backups.make(to=folder)
    BackupMark.objects.all().delete()  # as an older database does
    assert backups.make(to=folder).startswith("streetlight-000002-")


def forged(founded, path, *members):
    """Write an archive that anybody can make who knows the public key, beside the desk's own part."""
    with path.with_name(backups.DESK).open("wb") as writer:
        key_file = [("keyring.age", backups.desk_file("keyring.age"))]
        archive.seal(key_file, writer, recipients=[keyring.recipient_of(founded.sheet)])
    with path.open("wb") as writer:
        archive.seal(members, writer, recipients=[keyring.recipient_of(founded.sheet)])
    return path


def manifest(**facts):
    """Return a manifest that is right but for these facts."""
    right = {
        "number": 1,
        "taken_at": "2026-11-26T02:00:00+00:00",
        "engine": database.engine(),
    }
    right |= {"migrations": [], "tips": 0, "entries": 0, "events": 0}
    return json.dumps(right | facts).encode()


def of_0_2():
    """Return a manifest as Streetlight 0.2 wrote it: what are entries now were arrivals then."""
    facts = json.loads(manifest(format=1))
    facts["arrivals"] = facts.pop("entries")
    return json.dumps(facts).encode()


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("backup.json", b"[]")], "not a Streetlight backup"),
        ([("backup.json", b"{}")], "not a Streetlight backup"),
        (
            [("backup.json", of_0_2())],
            "^Streetlight 0.2 made this backup, and only 0.2 can restore it.$",
        ),
        ([("backup.json", manifest(format=9))], "another version"),
        ([("backup.json", manifest(engine="oracle"))], "This backup is of oracle"),
        ([("backup.json", manifest()), ("database", b"garbage" * 900)], "damaged"),
        ([("../outside", b"one")], "incomplete, changed or not a backup"),
    ],
    ids=["a-list", "empty", "of-0.2", "format", "engine", "database", "a-way-out"],
)
def test_what_is_no_backup_is_refused_plainly(founded, folder, members, reason):
    path = forged(founded, folder / "it", *members)
    with pytest.raises(Refused, match=reason):
        check.verify(path=path, identity=founded.sheet)
    assert not (folder.parent / "outside").exists()


def test_a_torn_or_missing_file_is_refused_plainly(founded, folder):
    path = folder / backups.make(to=folder)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Refused, match="incomplete"):
        check.verify()
    path.unlink()
    with pytest.raises(Refused, match="cannot be read"):
        check.verify()
    backups.witness_path().unlink()
    with pytest.raises(Refused, match="--from PATH"):
        check.verify()
    with pytest.raises(Refused, match="--sheet"):
        check.verify(path=path)


def without_key_file(path):
    """Write the desk's part anew, for the machine as well, as one is that lacks the key file."""
    recipient = keyring.recipient_of(json.loads(backups.witness_path().read_text())["identity"])
    with path.open("wb") as writer:
        archive.seal([("desk.pub", b"a key")], writer, recipients=[recipient])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (Path.unlink, "desk.age cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "incomplete"),
        (without_key_file, "no key file in .*desk.age"),
    ],
    ids=["missing", "torn", "without a key file"],
)
def test_verify_looks_at_the_desks_part_too(founded, folder, damage, reason):
    backups.make(to=folder)
    damage(folder / backups.DESK)
    with pytest.raises(Refused, match=reason):
        check.verify()
    assert not backups.verified()


def test_a_database_that_is_not_all_there_is_noticed(founded, folder):
    founded.tell("One.")
    with database.copy() as (stream, _counts):
        path = forged(
            founded, folder / "it", ("backup.json", manifest(tips=9)), ("database", stream)
        )
    with pytest.raises(Refused, match="incomplete"):
        check.verify(path=path, identity=founded.sheet)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no program")
def test_a_dump_that_fails_at_its_end_leaves_no_backup(founded, folder, tmp_path, monkeypatch):
    (tmp_path / "pg_dump").write_text(
        "#!/bin/sh\nhead -c 9000000 /dev/zero\necho broken >&2\nexit 3\n"
    )
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Refused, match="PostgreSQL could not make a copy: broken"):
        backups.make(to=folder)
    assert files(folder) == []


def test_a_key_stays_until_a_verified_backup_needs_it_no_more(founded, folder):
    founded.tell("One.")

    def hindered():
        return any(
            "newest backup" in said for said in key_rotation.hindrances(index=1, now=timezone.now())
        )

    assert not hindered()
    backups.make(to=folder)
    assert hindered()
    check.verify()
    assert hindered()
    keys = keyholders.rotate(
        by=User.objects.get(pk=founded.team_lead.pk), passphrase=founded.passphrase
    )
    while key_rotation.step(by=founded.team_lead, keys=keys):
        pass
    backups.make(to=folder)
    assert hindered()
    check.verify()
    assert not hindered()


def test_a_strangers_backup_key_is_put_right_at_the_next_unlock(founded):
    path = state_files.folder() / "backup.pub"
    path.write_text(f"{keyring.recipient_of(keyring.new_identity())}\n")
    keyholders.unlock(user=founded.team_lead, passphrase=founded.passphrase)
    assert path.read_text() == f"{keyring.recipient_of(founded.sheet)}\n"


def test_a_second_folder_forgets_no_deletion_record_that_the_first_needs(founded, folder, tmp_path):
    """Five nightly backups with a tip stand, it is deleted, and somebody makes two on an empty stick."""
    for _ in range(5):
        backups.make(to=folder, keep=14)
    deletion_records.add_stopped(lookup="a" * 64)
    stick = tmp_path / "stick"
    stick.mkdir()
    for _ in range(2):
        backups.make(to=stick, keep=1)
    assert stopped() == {"a"}
