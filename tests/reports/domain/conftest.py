"""What tests of rules ask for.

A team lead's desk, a machine, opened tips, an enquiry, and an outcome with who approves it.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.outcomes import public_results
from reports.domain.storage import mirror
from reports.domain.tips import opening
from reports.models import Outcome, Tip
from tests.factories import make_desk, make_user, shown
from tests.newsroom.articles import make_article
from tests.reports.handing import approve_outcome, newest_keys

type Send = Callable[..., Tip]

SENTENCE = "Tips including ones like yours helped lead to the search of twelve homes."


def tomorrow(hour=9):
    """Return an hour of the day after this."""
    return timezone.localtime().replace(hour=hour, minute=0) + timedelta(days=1)


def maintained(*, now):
    """Return how the outcome stands after maintenance."""
    public_results.maintain(now=now)
    return Outcome.objects.get().status


@pytest.fixture
def article(db):
    """Publish a story."""
    return make_article(headline="A story")


@pytest.fixture
def people(caseworker, team_lead):
    """Return one member of each role that has a part in this."""
    return {
        "caseworker": caseworker,
        "team_lead": team_lead,
        "editor": make_user("edith", "Editor"),
        "second_approver": make_user("carl", "Second approver"),
        "second": make_user("cora", "Second approver"),
    }


@pytest.fixture
def boss(roles):
    """Return a team lead who founded the desk, and their passphrase."""
    user = make_user("lena", "Team lead")
    return user, make_desk(user)


@pytest.fixture
def opened(send, caseworker, keys):
    """Return a function that sends a tip and opens it."""

    def send_and_open(what="A grey van.", **answers):
        tip = send(what, **answers)
        opening.open_new(by=caseworker, keys=keys)
        tip.refresh_from_db()
        return tip

    return send_and_open


@pytest.fixture
def reading(opened, caseworker, keys):
    """Return a function that sends a tip which the caseworker reads."""

    def read(what="", **answers):
        tip = opened(what, **{"area": "olney"} | answers)
        opening.read(tip=tip, by=caseworker, keys=keys)
        tip.refresh_from_db()
        return tip

    return read


@pytest.fixture
def five(enquiry, send, caseworker, keys):
    """Make five tips part of the enquiry."""
    for number in range(5):
        send(what=f"Report {number}", area="olney")
    opening.open_new(by=caseworker, keys=keys)
    for tip in Tip.objects.all():
        opening.read(tip=tip, by=caseworker, keys=keys)
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    return enquiry


@pytest.fixture
def proposed(five, article, caseworker):
    """Propose an outcome."""
    return public_results.propose(
        enquiry=five,
        article=article,
        sentence=SENTENCE,
        by=caseworker,
        reauthentication=shown(caseworker),
        keys=newest_keys(),
    )


@pytest.fixture
def approved(proposed, people):
    """Have it approved by an editor and a team lead."""
    for capacity in public_results.CAPACITIES:
        approve_outcome(proposed, capacity, by=people[capacity])
    return proposed


@pytest.fixture
def released(approved):
    """Release it."""
    assert maintained(now=tomorrow()) == "released"
    approved.refresh_from_db()
    return approved


@pytest.fixture
def second(tmp_path, monkeypatch):
    """Return the folder of a mirror that works."""
    path = tmp_path / "mirror"
    path.mkdir(mode=0o700)
    monkeypatch.setattr(settings, "OUTBOX_MIRROR", path)
    monkeypatch.setattr(mirror, "_disk", mirror.Disk())
    return path
