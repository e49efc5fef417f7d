"""A backup from before a new key: what was vouched for then is vouched for by the key that there is now."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from reports.domain import backup, key_rotation, vouching
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.models import AuditEvent, Voucher
from tests.reports.conftest import Desk
from tests.reports.domain.backup.test_restoration import in_memory, leftovers, restore, wipe
from tests.reports.domain.vouching import desks

__all__ = ["in_memory", "leftovers"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("changes", [0, 1, 2])
def test_what_was_vouched_for_before_a_new_key_is_vouched_for_after_a_restore(
    founded: Desk, folder: Path, changes: int
) -> None:
    """What somebody who left vouched for with the key from before them is not, and is named."""
    keys = keyholders.unlock(user=founded.lead, phrase=founded.phrase)
    with vouching.by_holder(lambda: keys):
        tips = [founded.tell(f"Tip {number}.") for number in range(3)]
        opening.open_new(by=founded.lead, keys=keys)
    assert keys.vouchers is not None
    left = vouching.mac_key(keys.vouchers.keys[0][1])
    lead = User.objects.get(pk=founded.lead.pk)
    keyholders.rotate(by=lead, phrase=founded.phrase)
    forged = Voucher.objects.get(pk=tips[0].reference)
    forged.mac = vouching.mac(forged, key=left)
    forged.save()
    older = folder / backup.make(to=folder)
    for _change in range(changes):
        keyholders.rotate(by=lead, phrase=founded.phrase)
    backup.make(to=folder)
    wipe()
    restore(founded, older)
    keys = keyholders.unlock(user=User.objects.get(username="lena"), phrase=founded.phrase)
    said = f"{forged.subject}: nothing vouches for it any more, or something older was put back."
    assert [said] == [one for one in desks.verified(keys=keys).found if "vouches for it" in one]
    named = AuditEvent.objects.filter(act="not-as-vouched").values_list("subject", flat=True)
    assert list(named) == ([forged.subject] if changes else [])
    assert key_rotation.step(by=lead, keys=keys).stuck == 2  # what it sent, and what the search knows of it
