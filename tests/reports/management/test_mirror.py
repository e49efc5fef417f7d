"""What the second disk holds comes in again by one command, which says what it cannot do."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reports.domain import intake, mirror
from reports.domain.intake import outbox
from reports.models import Entry, Tip
from reports.sealing import receipts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(settings: Any, tmp_path: Path) -> Path:
    """Return the folder of a second disk, which holds one tip that is in the database."""
    folder = tmp_path / "second"
    folder.mkdir(mode=0o700)
    settings.OUTBOX_MIRROR = str(folder)
    return folder


def replayed() -> str:
    out = StringIO()
    call_command("mirror", "replay", stdout=out)
    return out.getvalue()


def test_what_the_database_lost_comes_in_again_once(phrase: str, second: Path) -> None:
    intake.accept(token=receipts.new_token(), answers={"what": "A van."})
    outbox.drain()
    Tip.objects.all().delete()
    assert replayed() == "1 arrivals of the second disk are in the database, each once.\n"
    replayed()
    assert Entry.objects.count() == 1


def test_a_machine_without_a_second_disk_says_so(phrase: str) -> None:
    with pytest.raises(CommandError, match="has no second disk"):
        replayed()


def test_a_disk_that_is_not_mounted_is_named(phrase: str, second: Path) -> None:
    second.rmdir()
    with pytest.raises(CommandError, match="cannot be written"):
        replayed()


def test_what_still_waits_is_counted(phrase: str, second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.accept(token=receipts.new_token(), answers={"what": "A van."})
    monkeypatch.setattr(outbox, "drain", lambda: 0)
    assert mirror.waiting() != []
    with pytest.raises(CommandError, match="1 of 1 arrivals still wait"):
        replayed()
