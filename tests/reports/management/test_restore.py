"""`restore`: what `--check` says beside a living desk, and how it takes the recovery sheet."""

import getpass
import io
import shutil
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from reports.domain.backup import backups
from reports.domain.intake import receiving
from reports.management.commands import restore
from reports.models import Tip
from reports.sealing import keyring, receipts
from tests.reports.purging import purge

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def check(folder, sheet, monkeypatch, *, what="all"):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{sheet}\n"))
    call_command("restore", "--from", str(folder), "--stdin", "--check", what)


def files():
    return {path for path in settings.STATE_DIR.rglob("*") if path.is_file()}


def test_a_living_desk_hears_whether_a_backup_could_be_restored_and_is_left_as_it_is(
    founded, folder, monkeypatch, capsys
):
    founded.tell("A grey van.")
    backups.make(to=folder)
    before = files()
    check(folder, founded.sheet.lower(), monkeypatch)
    said = capsys.readouterr().out
    assert "Backup 1 of " in said
    assert "missing" not in said
    for sheet, reason in (
        (keyring.new_identity(), "That key does not open this file"),
        ("AGE-SECRET-KEY-1", "letter by letter"),
        ("", "letter by letter"),
    ):
        with pytest.raises(CommandError, match=reason):
            check(folder, sheet, monkeypatch)
    with pytest.raises(CommandError, match="The database is in use"):
        check(folder, founded.sheet, monkeypatch, what="files")
    assert (files(), Tip.objects.count()) == (before, 1)


def test_what_came_after_the_backup_is_counted_and_the_exit_code_says_so(
    founded, folder, monkeypatch, capsys
):
    deleted, _stays = founded.tell("Deleted since."), founded.tell("A grey van.")
    backups.make(to=folder)
    purge(tip=deleted)
    founded.tell("After the backup.")
    receiving.accept(
        token=receipts.new_token(),
        answers={"what": "It waits in the outbox, which is taken along."},
    )
    with pytest.raises(SystemExit) as ended:
        check(folder, founded.sheet, monkeypatch)
    assert ended.value.code == restore.SINCE
    said = capsys.readouterr().out
    assert "The database here has 2 tips, this backup has 2." in said, (
        "the numbers alone would not show it"
    )
    assert "came after this backup: 1. They will be missing" in said

    def silent(*_args):
        raise DatabaseError

    monkeypatch.setattr(Tip.objects, "count", silent)
    check(folder, founded.sheet, monkeypatch)
    assert "missing" not in capsys.readouterr().out


def test_without_room_a_backup_or_a_terminal_it_says_so_in_a_sentence(founded, folder, monkeypatch):
    with pytest.raises(CommandError, match="There is no backup in"):
        check(folder, founded.sheet, monkeypatch)
    with pytest.raises(CommandError, match="cannot be read"):
        check(folder / "none", founded.sheet, monkeypatch)
    backups.make(to=folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=900_000))
    with pytest.raises(
        CommandError, match=r"has too little room: 0 MB are free, and the restore needs \d MB"
    ):
        check(folder, founded.sheet, monkeypatch)
    monkeypatch.undo()

    def nobody(prompt):
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", nobody)
    with pytest.raises(CommandError, match=r"Stopped\. Nothing was changed"):
        call_command("restore", "--from", str(folder), "--check", "all")
