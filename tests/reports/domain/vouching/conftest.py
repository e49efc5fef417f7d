"""A desk on which everything is vouched for, and settled."""

import pytest
from django.contrib.auth.models import User

from reports.domain.audit import verification
from reports.domain.keys.keyholders import Keys
from tests.reports.domain.vouching import desks


@pytest.fixture
def filled(officer: User, lead: User, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the desk."""
    monkeypatch.setattr(verification, "MOMENTS", 1)  # a test commits nothing, so that no head is worth waiting for
    desks.fill(by=officer, lead=lead, keys=keys)
    desks.settle(by=officer, keys=keys)
