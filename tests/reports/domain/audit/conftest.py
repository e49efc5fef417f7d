"""A desk that holds something of everything that events name."""

import pytest
from django.contrib.auth.models import User

from reports.domain.audit import audit_log
from reports.domain.keys.keyholders import Keys
from tests.reports.domain.audit import desks


@pytest.fixture
def filled(caseworker: User, team_lead: User, keys: Keys) -> None:
    """Fill the desk."""
    desks.fill(by=caseworker, team_lead=team_lead, keys=keys)
    audit_log.renew_head()  # which a test's transaction never writes, as it is not committed
