"""Making a real desk: a slip is asked again, and what is shown once is stored nowhere."""

import builtins
import getpass
import re
from typing import NamedTuple

import pytest
from django.conf import settings as current
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django_otp.oath import totp

from reports.domain import state_files
from reports.domain.errors import DeskBroken, NotReceived
from reports.domain.intake import receiving
from reports.domain.keys import keyholders
from reports.domain.people import joining
from reports.domain.storage import lost_database
from reports.management.commands import desk_setup
from reports.models import Member
from reports.sealing import keyring, receipts

ANSWERS = ("", "Sam 101", "Ann 102", "Jo", "no-mail", "jo@example.org", "")
KEY = "ab" * 20


class Printed(NamedTuple):
    """What a command wrote."""

    out: str
    err: str


@pytest.fixture
def setup(db, monkeypatch, capsys):
    """Run the command with one slip of each kind; return what it printed."""
    answer_all(monkeypatch)
    call_command("desk_setup")
    return Printed(*capsys.readouterr())


def answer_all(monkeypatch):
    """Let somebody sit there who answers every question of one setup, with one slip of each kind."""
    lines = iter(ANSWERS)
    typed = list[str]()
    passwords = iter(["one", "another", "short", "short", "eleven lamps burn", "eleven lamps burn"])
    wrong_first, sheets, found_desk = iter([True, False]), list[str](), keyholders.found_desk

    def keep_sheet(*, first):
        sheets.append(found_desk(first=first))
        return sheets[-1]

    def answer(prompt):
        if number := re.match(r"Block (\d+)", prompt):
            typed.append(prompt)
            return (
                "WRONG"
                if len(typed) == 1
                else desk_setup.blocks(sheets[-1])[int(number[1]) - 1].lower()
            )
        if "six digits" not in prompt:
            return "lena" if "Username" in prompt else next(lines)
        code = totp(bytes.fromhex(KEY))
        return f"{(code + 1) % 10**6 if next(wrong_first) else code:06d}"

    monkeypatch.setattr(builtins, "input", answer)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(passwords))
    monkeypatch.setattr(joining, "new_app_key", lambda: KEY)
    monkeypatch.setattr(keyholders, "found_desk", keep_sheet)


def test_setup_asks_again_after_each_slip_and_leaves_a_desk_that_opens(setup):
    for problem in (
        "Please answer",
        "not an email address",
        "two passwords are different",
        "at least 12",
        "not the code",
        "That is not block",
    ):
        assert problem in setup.err
    passphrase = re.search(r"Six words: +(.+)", setup.out)
    assert passphrase is not None
    team_lead = User.objects.get(username="lena")
    assert team_lead.has_perm("reports.run_desk")
    assert keyholders.unlock(user=team_lead, passphrase=passphrase[1].strip()).identities
    assert state_files.profile().duty_email == "jo@example.org"
    profile = state_files.profile()
    assert (profile.safeguarding, profile.safeguarding_adults, profile.phone) == (
        "Sam 101",
        "Ann 102",
        "",
    )
    with pytest.raises(CommandError, match="already a desk"):
        call_command("desk_setup")


@pytest.mark.promise("keys", name="own-words")
def test_recovery_sheet_opens_the_key_file_and_is_stored_nowhere(setup):
    """The recovery sheet opens the key file and is stored nowhere."""
    recovery = re.search(r"AGE-SECRET-KEY-1\S+", setup.out)
    assert recovery is not None
    key_file = keyring.open_keyring(
        (state_files.folder() / "keyring.age").read_bytes(), identity=recovery[0]
    )
    assert keyring.fingerprint(key_file.current.recipient) in setup.out
    for path in current.STATE_DIR.rglob("*"):
        assert not path.is_file() or recovery[0].encode() not in path.read_bytes(), path


@pytest.mark.django_db(transaction=True)  # a copy waits for writers
def test_a_sheet_that_is_checked_later_is_told_until_it_has_opened_a_backup(
    monkeypatch, capsys, tmp_path
):
    answer_all(monkeypatch)
    call_command("desk_setup", "--later")
    recovery = re.search(r"AGE-SECRET-KEY-1\w+", capsys.readouterr().out)
    assert recovery is not None

    def told():
        return "streetlight.E071" in {
            message.id for message in run_checks(include_deployment_checks=True)
        }

    assert told()
    call_command("backup", "--to", str(tmp_path))
    call_command("backup", "verify")
    assert told(), "it opened with the backup's own key"
    monkeypatch.setattr(getpass, "getpass", lambda prompt: recovery[0])
    call_command("backup", "verify", "--sheet")
    assert not told()


def test_the_blocks_are_the_sheets_line_without_its_beginning():
    parts = desk_setup.blocks(keyring.new_identity())
    assert [len(part) for part in parts] == [6] * 9 + [4]


def test_a_demonstration_has_no_setup(settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="demonstration"):
        call_command("desk_setup")


@pytest.mark.django_db
@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_stopping_half_way_leaves_nothing_behind(monkeypatch, end):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "eleven lamps burn")

    def answer(prompt):
        if "six digits" in prompt:
            raise end
        return "lena"

    monkeypatch.setattr(builtins, "input", answer)
    with pytest.raises(CommandError, match="Nothing was made"):
        call_command("desk_setup")
    assert not User.objects.exists()
    state_files.require_empty()
    (state_files.folder() / "factor_key").touch()  # as after a wrong code
    assert not lost_database.is_lost(), "it can be started again"


class Killed(BaseException):
    """What ends a process without a word."""


def killed(monkeypatch, where, name):
    """Run a setup whose process is killed as it calls this."""

    def kill(*_args, **_facts):
        raise Killed

    answer_all(monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(where, name, kill)
        with pytest.raises(Killed):
            call_command("desk_setup")


def test_a_machine_that_waits_for_a_backup_gets_no_new_desk(db, monkeypatch, tmp_path):
    monkeypatch.setattr(state_files, "AWAITS", tmp_path)
    with pytest.raises(CommandError, match="This server waits for a backup"):
        call_command("desk_setup")
    assert not state_files.setup_is_unfinished()


@pytest.mark.django_db(transaction=True)
def test_killed_before_the_sheet_is_stored_it_begins_again(monkeypatch, capsys):
    killed(monkeypatch, desk_setup.Command, "_print_sheet")
    assert (state_files.folder() / "keyring.age").exists()
    assert (state_files.setup_is_unfinished(), Member.objects.exists()) == (True, False)
    first = (state_files.folder() / "desk.pub").read_bytes()
    with pytest.raises(DeskBroken, match="setup of this desk was interrupted"):
        state_files.public_key()  # what was sealed to a key that the next setup replaces could never be read
    with pytest.raises(NotReceived):
        receiving.accept(token=receipts.new_token(), answers={"what": "A grey van."})
    answer_all(monkeypatch)
    call_command("desk_setup")
    assert "destroy the sheet" in capsys.readouterr().out
    assert not state_files.setup_is_unfinished()
    assert (state_files.folder() / "desk.pub").read_bytes() != first
    assert state_files.public_key().index == 1
    assert state_files.profile().duty == "Jo"
    assert receiving.accept(token=receipts.new_token(), answers={"what": "A grey van."})


@pytest.mark.django_db(transaction=True)
def test_killed_after_the_sheet_it_asks_for_the_profile_alone(monkeypatch, capsys):
    killed(monkeypatch, state_files, "save_profile")
    assert "RECOVERY SHEET" in capsys.readouterr().out, "it is shown before the desk is stored"
    key_file = (state_files.folder() / "keyring.age").read_bytes()
    assert (state_files.setup_is_unfinished(), Member.objects.count()) == (True, 1)
    answer_all(monkeypatch)
    call_command("desk_setup")
    said = capsys.readouterr().out
    assert "RECOVERY SHEET" not in said
    assert (state_files.folder() / "keyring.age").read_bytes() == key_file
    assert state_files.profile().duty_email == "jo@example.org"
    assert state_files.public_key().index == 1
