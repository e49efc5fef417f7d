"""The record: a chain in which a change, a removal or an insertion shows."""

import pytest
from django.contrib.auth.models import User

from reports.domain import audit
from reports.models import AuditEvent


@pytest.fixture
def chain(officer: User) -> list[AuditEvent]:
    """Return five events."""
    AuditEvent.objects.all().delete()
    return [audit.record(by=officer, act="read", subject=f"AAAA-000{number}", number=number) for number in range(5)]


def test_whole_chain_is_sound(chain: list[AuditEvent]) -> None:
    assert audit.first_broken() is None
    assert [event.seq for event in chain] == [1, 2, 3, 4, 5]
    assert chain[0].previous == audit.GENESIS
    assert str(chain[1]) == "olu read AAAA-0001"


@pytest.mark.parametrize(
    "change",
    [{"actor": "someone"}, {"act": "moved"}, {"subject": "BBBB-1111"}, {"detail": {}}, {"at": "2020-01-01T00:00Z"}],
)
def test_changed_event_is_found(chain: list[AuditEvent], change: dict[str, object]) -> None:
    AuditEvent.objects.filter(seq=3).update(**change)
    assert audit.first_broken() == 3


def test_removed_event_is_found(chain: list[AuditEvent]) -> None:
    AuditEvent.objects.filter(seq=2).delete()
    assert audit.first_broken() == 2


def test_event_with_a_made_up_predecessor_is_found(chain: list[AuditEvent]) -> None:
    last = chain[-1]
    last.previous = "f" * 64
    last.hash = audit.digest(last)
    last.save()
    assert audit.first_broken() == 5


def test_event_of_the_system_has_no_person(db: None) -> None:
    assert audit.record(by=None, act="purged").actor == "system"
