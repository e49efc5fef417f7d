"""What tests of outcomes ask for: a story, an enquiry of five tips, and who proposes and signs."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from newsroom.models import Article
from reports.domain import enquiries, outcomes
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Enquiry, Outcome, Tip
from tests.conftest import make_user
from tests.newsroom.articles import make_article

type Send = Callable[..., Tip]

SENTENCE = "Reports including ones like yours became part of the search of twelve homes."


def tomorrow(hour: int = 9) -> datetime:
    """Return an hour of the day after this."""
    return timezone.localtime().replace(hour=hour, minute=0) + timedelta(days=1)


@pytest.fixture
def article(db: None) -> Article:
    """Publish a story."""
    return make_article(headline="A story")


@pytest.fixture
def people(officer: User, lead: User) -> dict[str, User]:
    """Return one member of each role that has a part in this."""
    return {
        "officer": officer,
        "lead": lead,
        "editor": make_user("edith", "Editor"),
        "countersigner": make_user("carl", "Countersigner"),
        "second": make_user("cora", "Countersigner"),
    }


@pytest.fixture
def enquiry(send: Send, officer: User, keys: Keys) -> Enquiry:
    """Begin an enquiry of which five tips are part."""
    made = enquiries.begin(by=officer, codename="quiet lantern")
    for number in range(5):
        send(what=f"Report {number}", area="olney")
    opening.open_new(by=officer, keys=keys)
    for tip in Tip.objects.all():
        opening.read(tip=tip, by=officer, keys=keys)
        enquiries.link(tip=tip, enquiry=made, by=officer)
    return made


@pytest.fixture
def proposed(enquiry: Enquiry, article: Article, officer: User) -> Outcome:
    """Propose an outcome."""
    return outcomes.propose(enquiry=enquiry, article=article, sentence=SENTENCE, by=officer)


@pytest.fixture
def signed(proposed: Outcome, people: dict[str, User]) -> Outcome:
    """Have it signed by an editor and a lead."""
    for capacity in outcomes.CAPACITIES:
        outcomes.sign(outcome=proposed, capacity=capacity, by=people[capacity])
    return proposed


@pytest.fixture
def released(signed: Outcome) -> Outcome:
    """Release it."""
    assert list(outcomes.maintain(now=tomorrow())) == ["An outcome was released."]
    signed.refresh_from_db()
    return signed
