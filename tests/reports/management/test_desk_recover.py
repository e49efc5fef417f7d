"""Letting somebody in with the recovery sheet, and striking off a machine, by command."""

import getpass

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from reports.domain import key_rotation
from reports.domain.keys import keyholders
from reports.models import Member, Node
from reports.sealing import keyring
from tests.factories import CHEAP, make_user


@pytest.fixture
def sheet(roles: None) -> str:
    """Found a desk whose only member has lost their words; return the recovery identity."""
    lena = make_user("lena", "Team lead")
    keyholders.enrol(user=lena, costs=CHEAP)
    return keyholders.found_desk(first=Member.objects.get(user=lena))


def test_sheet_lets_in_and_prints_new_words_once(sheet, monkeypatch, capsys) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f" {sheet.lower()} ")
    call_command("desk_recover", "lena")
    words = capsys.readouterr().out.strip().splitlines()[-1].strip()
    assert keyholders.unlock(user=User.objects.get(username="lena"), passphrase=words).identities


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("nobody", "", "no such account"),
        ("lena", "AGE-SECRET-KEY-1ABC", "letter by letter"),
        ("lena", keyring.new_identity(), "not open to you"),
    ],
    ids=["no-account", "no-identity", "another-identity"],
)
def test_wrong_name_or_sheet_changes_nothing(sheet, monkeypatch, name, typed, reason) -> None:
    before = Member.objects.values().get()
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed)
    with pytest.raises(CommandError, match=reason):
        call_command("desk_recover", name)
    assert Member.objects.values().get() == before


def test_machines_are_listed_and_struck_off(sheet, capsys) -> None:
    key_rotation.report(now=timezone.now())
    node = Node.objects.get()
    call_command("nodes")
    assert f"{node.pk}  {node.name}  key 1" in capsys.readouterr().out
    call_command("nodes", forget=node.pk)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="no such machine"):
        call_command("nodes", forget=node.pk)
