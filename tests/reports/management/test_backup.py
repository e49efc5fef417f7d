"""The command that makes and verifies backups."""

import errno
import getpass

import pytest
from django.core.management import CommandError, call_command

from reports.domain.backup import backups, restoration

pytestmark = pytest.mark.django_db(
    transaction=True
)  # a copy waits for writers, and sees what is committed


def test_it_makes_and_verifies(founded, folder, capsys):
    founded.tell("A grey van.")
    call_command("backup", to=str(folder), keep=3)
    assert str(folder / "streetlight-000001-") in capsys.readouterr().out
    call_command("backup", "verify")
    assert "opens and is complete: 1 tips, 1 entries" in capsys.readouterr().out


def test_the_file_that_the_system_refuses_is_named(folder, monkeypatch):
    path = folder / "streetlight-desk.age"

    def forbid(**_options):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(backups, "make", forbid)
    with pytest.raises(CommandError, match=rf"read or written: {path}: Permission denied\."):
        call_command("backup", to=str(folder))
    monkeypatch.setattr(restoration, "require_room", forbid)
    with pytest.raises(CommandError, match=rf"read or restored: {path}: Permission denied\."):
        call_command("restore", source=str(folder), check="all")


@pytest.mark.parametrize(
    ("arguments", "options", "reason"),
    [
        ([], {}, "Name the folder"),
        ([], {"to": "/nowhere"}, "no folder"),
        (["verify"], {"source": "/nowhere", "sheet": True}, "cannot be read"),
    ],
    ids=["no-place", "no-folder", "no-file"],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    founded,
    monkeypatch,
    arguments,
    options,
    reason,
):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: founded.sheet)
    with pytest.raises(CommandError, match=reason):
        call_command("backup", *arguments, **options)
