"""Letting somebody in with the recovery sheet, and striking off a machine, by command."""

import builtins
import getpass
import sys
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.keys import keyholders
from reports.models import Member, Node
from reports.sealing import keyring
from tests.factories import CHEAP, make_user


@pytest.fixture
def sheet(roles):
    """Found a desk whose only member has lost their words; return the recovery identity."""
    lena = make_user("lena", "Team lead")
    keyholders.enrol(user=lena, costs=CHEAP)
    return keyholders.found_desk(first=Member.objects.get(user=lena))


def test_sheet_lets_in_and_prints_new_words_once(sheet, monkeypatch, capsys):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f" {sheet.lower()} ")
    call_command("desk_recover", "lena")
    words = capsys.readouterr().out.strip().splitlines()[-1].strip()
    assert keyholders.unlock(user=User.objects.get(username="lena"), passphrase=words).identities


def test_at_a_terminal_it_asks_until_the_new_key_is_on_the_sheet(sheet, monkeypatch, capsys):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: sheet)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    answers, shown = iter(["", "no", "Yes"]), list[str]()

    def answer(prompt):
        shown.append(capsys.readouterr().out)
        return next(answers)

    monkeypatch.setattr(builtins, "input", answer)
    call_command("desk_recover", "lena")
    assert len(shown) == 3
    assert state_files.sheet_line(state_files.public_key()) in shown[0]
    assert state_files.public_key().index == 2
    assert "shown only once" in shown[0], "who stops at the question has the words"
    monkeypatch.setattr(builtins, "input", interrupt)
    call_command("desk_recover", "lena")


def interrupt(prompt):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("nobody", "", "no such account"),
        ("lena", "AGE-SECRET-KEY-1ABC", "letter by letter"),
        ("lena", keyring.new_identity(), "you do not have access"),
    ],
    ids=["no-account", "no-identity", "another-identity"],
)
def test_wrong_name_or_sheet_changes_nothing(sheet, monkeypatch, name, typed, reason):
    before = Member.objects.values().get()
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed)
    with pytest.raises(CommandError, match=reason):
        call_command("desk_recover", name)
    assert Member.objects.values().get() == before


def test_machines_are_listed_and_struck_off(sheet, capsys):
    key_rotation.report(now=timezone.now())
    node = Node.objects.get()
    call_command("nodes")
    assert f"{node.pk}  {node.name}  key 1" in capsys.readouterr().out
    call_command("nodes", forget=node.pk)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="no server with this ID"):
        call_command("nodes", forget=node.pk)
