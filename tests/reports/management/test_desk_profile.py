"""Saying who runs the site: what is kept stays, a hyphen removes, nothing is changed half."""

import pytest
from django.core.management import CommandError, call_command

from newsroom.domain import changes
from reports.domain import desk
from tests.reports.management.test_desk_key import typed

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = desk.Profile(
    controller="Example Watch",
    address="1 Example Walk",
    safeguarding="Sam Example",
    funding="One trust pays.",
    people=("Kim Example, editor", "Lee Example, chair"),
)
TYPED = (
    "|a charity||data@example.org||Jo|no mail|jo@example.org|four volunteers||No police force pays us.|01632 960000|-"
    "||-|Max Example, chair|"
)
ANSWERS = TYPED.split("|")


def test_answers_are_stored_and_the_pages_are_made_anew(
    passphrase: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.save_profile(BEFORE)
    typed(monkeypatch, *ANSWERS)
    call_command("desk_profile")
    after = desk.profile()
    assert (after.controller, after.safeguarding, after.body) == ("Example Watch", "Sam Example", "a charity")
    assert (after.readers, after.police, after.funding) == ("four volunteers", "No police force pays us.", "")
    assert (after.phone, after.duty_email) == ("01632 960000", "jo@example.org")
    assert after.people == ("Kim Example, editor", "Max Example, chair")
    assert changes.since(0).every_page
    assert "Still missing: funding." in capsys.readouterr().out


def test_without_a_desk_there_is_nothing_to_ask_about() -> None:
    with pytest.raises(CommandError, match="There is no desk yet"):
        call_command("desk_profile")
    assert not desk.has_files()


def test_stopping_half_way_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk.save_profile(BEFORE)
    typed(monkeypatch, *ANSWERS[:-1])
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("desk_profile")
    assert desk.profile() == BEFORE
