"""What tests of handing over ask for: a tip that is ready for it, and a second person who may approve."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import police_referrals
from reports.models import Referral, Tip
from tests.reports.handing import keyholder, make_ready, newest_keys


@pytest.fixture
def second(team_lead: User) -> User:
    """Return the team lead, who counts as one who can open tips."""
    return keyholder(team_lead)


@pytest.fixture
def tip(send: Callable[..., Tip], caseworker: User, keys: Keys) -> Tip:
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
def referral(tip: Tip, caseworker: User) -> Referral:
    """Draft a referral."""
    return police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
