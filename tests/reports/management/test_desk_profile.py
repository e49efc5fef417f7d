"""Saying who is told of danger: what is kept stays, a hyphen removes, nothing is changed half."""

import pytest
from django.core.management import CommandError, call_command

from reports.domain import state_files
from tests.reports.management.test_desk_key import typed

BEFORE = state_files.Profile(
    safeguarding="Sam Example",
    phone="01632 960000",
)
ANSWERS = ("", "", "", "Jo", "no mail", "jo@example.org", "-")


def test_answers_are_stored(monkeypatch):
    state_files.save_profile(BEFORE)
    typed(monkeypatch, *ANSWERS)
    call_command("desk_profile")
    assert state_files.profile() == state_files.Profile(
        safeguarding="Sam Example", duty="Jo", duty_email="jo@example.org"
    )


def test_without_a_desk_there_is_nothing_to_ask_about():
    with pytest.raises(CommandError, match="There is no desk yet"):
        call_command("desk_profile")
    assert not state_files.has_files()


def test_stopping_half_way_changes_nothing(monkeypatch):
    state_files.save_profile(BEFORE)
    typed(monkeypatch, *ANSWERS[:-1])
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("desk_profile")
    assert state_files.profile() == BEFORE
