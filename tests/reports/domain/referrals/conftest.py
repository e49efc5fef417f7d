"""What tests of handing over ask for: a tip that is ready for it, and a second person who may approve."""

import pytest

from reports.domain.referrals import police_referrals
from tests.reports.handing import keyholder, make_ready, newest_keys


@pytest.fixture
def second(team_lead):
    """Return the team lead, who counts as one who can open tips."""
    return keyholder(team_lead)


@pytest.fixture
def tip(send, caseworker, keys):
    """Return a tip that is ready to be handed over."""
    sent = send(
        "A grey van comes to the garages every night at nine.",
        police="yes",
        kind="street",
        area="olney",
    )
    make_ready(sent, by=caseworker, keys=keys)
    return sent


@pytest.fixture
def referral(tip, caseworker):
    """Draft a referral."""
    return police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
