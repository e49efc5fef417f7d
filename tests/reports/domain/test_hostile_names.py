"""No row, archive, file or report of another machine names a file of the desk's to write, read or delete."""

import io
import uuid
from dataclasses import replace

import pytest
from django.conf import settings
from django.utils import timezone

from reports.domain import state_files
from reports.domain.backup import contents
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.people import session_files, sessions
from reports.domain.storage import deletion_records, mirror
from reports.models import Arrival, Entry, Tip
from reports.sealing import archive, keyring
from tests import hostile_names
from tests.reports.domain.intake.test_outbox import make
from tests.reports.purging import purge

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

IDENTITY = keyring.new_identity()
ROW = "a" * 40
NEVER = ["keyring.age", "desk.pub", "backup.pub", "factor_key"]  # what none of these may touch


@pytest.fixture(autouse=True)
def files(settings):
    """Let the desk have its files, and the sessions their folder within reach of them."""
    settings.RUN_DIR = settings.STATE_DIR / "desk" / "run"
    for name in NEVER:
        state_files.write(state_files.folder() / name, name.encode())


def kept():
    """Return the desk's files that are as they were."""
    return [
        name
        for name in NEVER
        if (path := state_files.folder() / name).exists() and path.read_text() == name
    ]


def session(row, user):
    """Put a session of a user's into the database, under a row of that name."""
    return hostile_names.put(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, '', %s)",
        row,
        timezone.now(),
    ) and hostile_names.put(
        "INSERT INTO reports_sessionowner (session_id, owner, started_at) VALUES (%s, %s, %s)",
        *(row, sessions.owner_hash(user.pk), timezone.now()),
    )


class TestSessions:
    @pytest.mark.promise("machine", control="test_control_without_the_look_the_key_file_is_deleted")
    def test_no_row_of_a_session_has_a_file_deleted_that_is_none(self, caseworker):
        """No row has a file of the desk's deleted."""
        session_files.seal({}, row=ROW, since=0.0)
        rows = [row for row in hostile_names.names(settings.RUN_DIR) if row] + [ROW]
        tried = sum(session(row, caseworker) for row in rows)
        assert tried > 15
        before = hostile_names.state()
        assert sessions.end(user=caseworker) == tried
        assert hostile_names.state().keys() == before.keys() - {
            f"desk/run/{ROW}"
        }  # the control: its own goes

    def test_control_without_the_look_the_key_file_is_deleted(self, caseworker, monkeypatch):
        monkeypatch.setattr(session_files, "placed", lambda folder, name, _pattern: folder / name)
        session_files.folder()
        assert session("../keyring.age", caseworker)
        sessions.end(user=caseworker)
        assert set(NEVER) - set(kept()) == {"keyring.age"}


LOOKUPS = [
    "../desk/key_file",
    "../desk/*",
    "../desk/keyring.age",
    "*",
    "?" * 64,
    "[a-z]" * 9,
    "",
    ".",
    "**/key_file",
    "/",
    "b\n",
]


class TestLookups:
    @pytest.mark.parametrize("lookup", [*LOOKUPS, "to the root"])
    def test_a_purge_deletes_what_waits_under_the_lookup_itself(self, lookup, second):
        outbox.put(make())
        (second / "keyring.age").write_text("on the other disk")
        tip = Tip.objects.create(lookup="d" * 64, received=timezone.localdate())
        wanted = str(state_files.folder() / "key_file") if lookup == "to the root" else lookup
        if hostile_names.put(
            "UPDATE reports_tip SET lookup = %s WHERE lookup = %s", wanted, "d" * 64
        ):
            tip.refresh_from_db()
        purge(tip=tip)
        assert kept() == NEVER
        assert (outbox.waiting(), mirror.waiting()) == ([make().name], [make().name])
        assert (second / "keyring.age").exists()

    def test_what_another_machine_left_names_no_file(self):
        before = hostile_names.state(without=("outbox",))
        for number, lookup in enumerate(LOOKUPS):
            facts = {
                "received": timezone.localdate(),
                "key_index": 1,
                "sealed": b"x",
            }
            Arrival.objects.create(id=uuid.uuid4(), lookup=lookup, tag=f"../{number}", **facts)
        assert outbox.drain() == len(LOOKUPS)
        assert Entry.objects.count() == 0
        assert outbox.waiting() == []
        assert hostile_names.state(without=("outbox",)) == before

    def test_a_file_of_the_outbox_whose_facts_name_another_is_damaged(self):
        for number, (lookup, tag) in enumerate(
            [("../desk/key_file", "age"), ("a" * 64, "../../desk.pub"), ("a", "b")]
        ):
            wrong = replace(make(), lookup=lookup, tag=tag)
            (outbox.folder() / f"{str(number) * 64}.{'b' * 32}").write_bytes(wrong.to_bytes())
        assert outbox.drain() == 0
        assert (outbox.damaged(), outbox.waiting(), kept()) == (3, [], NEVER)


FORGED = [
    "x",
    "../x",
    "",
    "a" * 65,
    "a" * 64 + "\n",
    f"{'a' * 64}\n1 deleted {uuid.uuid4()}",
    "A" * 64,
    "a" * 31,
]


@pytest.mark.parametrize("name", FORGED)
def test_no_row_writes_a_line_of_its_own_among_the_deletion_records(name, caplog):
    deletion_records.start_backup(number=1)
    deletion_records.add_stopped(lookup="b" * 64)
    deletion_records.add_stopped(lookup=name)
    deletion_records.add_deleted(entries=[name], lookup="c" * 64)
    standing = deletion_records.standing()
    assert standing is not None
    assert standing.lines == {(1, "stopped", "b" * 64)}  # the control: one of ours is there
    assert caplog.text.count("a deletion record is left out") == 2


def laid_out(name):
    """Lay out an archive with a member of that name; return what is there then."""
    out = io.BytesIO()
    archive.seal([("a", b"first"), (name, b"x")], out, recipients=[keyring.recipient_of(IDENTITY)])
    out.seek(0)
    with contents.laid_out(out, identity=IDENTITY) as folder:
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class TestArchives:
    @pytest.mark.promise(
        "machine", control="test_control_without_the_look_the_desks_key_is_another"
    )
    def test_no_member_of_an_archive_leads_out_of_its_folder(self):
        """No member of an archive leads out of its folder."""
        before, refused = hostile_names.state(), 0
        texts = [
            name
            for name in hostile_names.names(settings.STATE_DIR / ".archive-1")
            if isinstance(name, str)
        ]
        for name in [text for text in texts if "\0" not in text]:  # tar ends a name there
            try:
                there = laid_out(name)
            except Refused:
                refused += 1
            else:
                assert set(there) - {"a"} <= {name, name.partition("/")[0]}
            assert hostile_names.state() == before, name
        assert refused > 25
        assert laid_out("deep/er.x") == ["a", "deep", "deep/er.x"]  # the control

    def test_control_without_the_look_the_desks_key_is_another(self, monkeypatch):
        monkeypatch.setattr(contents, "placed", lambda folder, name, _pattern: folder / name)
        laid_out("../desk/desk.pub")
        assert set(NEVER) - set(kept()) == {"desk.pub"}
