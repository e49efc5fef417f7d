"""The walks that checks look at, each made once a run."""

from collections.abc import Callable

import pytest

from tests.languages.conftest import strange  # noqa: F401 - a fixture
from tests.site import walk
from tests.site.desk import full_desk
from tests.site.walk import NOBODY, TEAM_LEAD, Answer

Walked = Callable[[str, str], list[Answer]]

# Whoever waits for a test is shown two walks; `./dev check --all` makes each.
USUAL = (TEAM_LEAD, NOBODY)


def everybody(*states):
    """Return every role in these states as parameters; the usual two are for every run."""
    chosen = [who for who in walk.EVERYBODY if who[1] in states]
    return [who if who in USUAL else pytest.param(*who, marks=pytest.mark.whole) for who in chosen]


@pytest.fixture
def walked(db, whole):
    """Return a function that returns every answer to somebody with this role in this state."""
    return lambda role, state: walk.kept(role, state, whole=whole)


@pytest.fixture
def desk(db):
    """Return a desk and a newsroom with one of everything, for what needs a walk of its own."""
    return full_desk()
