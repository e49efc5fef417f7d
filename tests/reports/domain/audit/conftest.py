"""A desk that holds something of everything that events name."""

import pytest

from reports.domain.audit import audit_log
from tests.reports.domain.audit import desks


@pytest.fixture
def filled(caseworker, team_lead, keys):
    """Fill the desk."""
    desks.fill(by=caseworker, team_lead=team_lead, keys=keys)
    audit_log.renew_head()  # which a test's transaction never writes, as it is not committed
