"""A restore that was interrupted: nothing works on half a desk, and it can begin again."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from reports.domain import audit, backup, desk, mailbox, retention
from reports.domain.backup import restoration
from reports.domain.errors import DeskBroken, Refused, Unreachable
from reports.domain.health import clock
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.sealing import receipts
from reports.views import health
from tests.reports.conftest import Desk
from tests.reports.domain.backup.test_restoration import in_memory, leftovers, restore, second, verified, wipe
from tests.reports.purging import purge

__all__ = ["in_memory", "leftovers", "second"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


def still(folder: Path) -> None:
    """Check that nothing is received, read or changed here, and that each says why or is ill."""
    assert not health.can_receive_now()
    with pytest.raises(DeskBroken, match=r"has not come to its end\. Run `.*restore` again"):
        desk.public_key()
    with pytest.raises(CommandError, match="has not come to its end"):
        call_command("tend")
    for act in (desk.require_empty, lambda: backup.make(to=folder, keep=1)):
        with pytest.raises(Refused, match="has not come to its end"):
            act()
    assert outbox.drain() == 0
    with pytest.raises(Unreachable):
        mailbox.burn(token=receipts.new_token())


@pytest.mark.parametrize(
    "where",
    [
        (restoration, "_put_files"),
        (restoration, "_put_desk"),
        (audit, "renew_head"),
        (retention, "delete_again"),
        (mailbox, "burn_again"),
        (clock, "believe_only"),
    ],
)
def test_a_restore_that_is_interrupted_lets_nothing_through_and_begins_again(
    founded: Desk, second: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    """Somebody presses Ctrl-C where the deleted tip is back in the database, and not deleted again."""
    gone, _stays = founded.tell("Gone."), founded.tell("Stays.")
    older = folder / backup.make(to=folder)
    purge(tip=gone)
    backup.make(to=folder)
    wipe()

    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            restore(founded, older)
    still(folder)
    done = restore(founded, older)
    assert (done.tips, done.deleted) == (1, 1)
    assert desk.public_key().index == 1
    keys = keyholders.unlock(user=User.objects.get(username="lena"), phrase=founded.phrase)
    assert verified(keys.vouchers).found == ()
