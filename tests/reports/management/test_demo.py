"""The demonstration: refused elsewhere, made once, its tips sent through the real intake."""

import re

import pytest
from django.conf import settings as current
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from reports.domain import mailbox
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.management import demo
from reports.models import Tip
from reports.sealing import keyholder, receipts
from tests.factories import CHEAP


def test_demo_is_refused_where_no_demonstration_runs(db: None) -> None:
    with pytest.raises(Refused):
        demo.make()
    with pytest.raises(CommandError, match="desk_setup"):
        call_command("demo_desk")
    assert not (current.STATE_DIR / "demo.txt").exists()


@pytest.fixture
def made(db: None, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the demonstration; return what was printed."""
    settings.DEMO = True
    monkeypatch.setattr(keyholder, "ARGON2", CHEAP)
    call_command("demo_desk")
    return capsys.readouterr().out


def test_demo_prints_words_that_open_what_was_made_and_is_made_once(
    made: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = mailbox.open_mailbox(token=(token := receipts.parse(made.split("Seven words:")[1].splitlines()[0].strip())))
    assert found == mailbox.Mailbox(mailbox.WAITING)
    assert Tip.objects.get(lookup=receipts.lookup(token)).reference in made
    user = User.objects.get(username=demo.USERNAME)
    password = made.split("Password:")[1].split(maxsplit=1)[0]
    passphrase = made.split("Six words:")[1].splitlines()[0].strip()
    assert user.check_password(password)
    keys = keyholders.unlock(user=user, passphrase=passphrase)
    assert opening.open_new(by=user, keys=keys) > 12
    assert (current.STATE_DIR / "demo.txt").stat().st_mode & 0o777 == 0o600
    texts = [opening.read(tip=tip, by=user, keys=keys) for tip in Tip.objects.all()]
    answers = [str(arrival.answers).upper() for text in texts for arrival in text.entries]
    assert sum("XX99ZZX" in re.sub("[ -]", "", answer) for answer in answers) == 3
    assert {arrival.kind for text in texts for arrival in text.entries} == {"tip", "photos"}
    call_command("demo_desk")
    assert capsys.readouterr().out == ""
