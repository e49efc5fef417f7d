"""Where a sealed text is shown: to nobody without a key, and to nobody unless it is on the record."""

import pytest

from reports.domain.people.roles import ROLES
from tests.site.conftest import Walked, everybody
from tests.site.desk import MARKS
from tests.site.walk import LEAD, Answer

READING = {"read", "glimpsed", "read-picture", "revealed", "read-reason", "read-summary", "read-search", "read-pack"}
# Of other tips, and of none: who knows somebody in one tip may see these.
OF_OTHERS = {b"zzmark-recusal", b"zzmark-search"}


def shown(answers: list[Answer]) -> list[str]:
    """Return which answers show a sealed text."""
    return [str(answer) for answer in answers if answer.holds(MARKS)]


@pytest.mark.parametrize(("role", "state"), everybody("nobody", "ungranted"))
def test_who_has_no_grant_sees_no_word_at_any_address(role: str, state: str, walked: Walked) -> None:
    assert shown(walked(role, state)) == []


@pytest.mark.whole
@pytest.mark.parametrize("role", ROLES)
def test_a_locked_desk_shows_no_word_at_any_address(role: str, walked: Walked) -> None:
    assert shown(walked(role, "locked")) == []


@pytest.mark.whole
@pytest.mark.parametrize("role", ROLES)
def test_who_is_switched_off_is_shown_no_word_at_any_address(role: str, walked: Walked) -> None:
    """However far they had got: their session was signed in and unlocked."""
    assert shown(walked(role, "off")) == []


@pytest.mark.parametrize(("role", "state"), everybody("unlocked"))
def test_no_word_is_shown_at_any_address_that_is_not_on_the_record(role: str, state: str, walked: Walked) -> None:
    answers = walked(role, state)
    assert [str(answer) for answer in answers if answer.holds(MARKS) and not answer.acts & READING] == []
    if role == LEAD[0]:
        assert set().union(*(answer.holds(MARKS) for answer in answers)) == MARKS  # the control: each somewhere


@pytest.mark.whole
@pytest.mark.parametrize("role", ROLES)
def test_no_word_is_shown_while_nothing_can_be_recorded(role: str, walked: Walked) -> None:
    assert shown(walked(role, "unrecorded")) == []


@pytest.mark.whole
@pytest.mark.parametrize("role", ROLES)
def test_who_knows_somebody_finds_no_word_of_it_at_any_address(role: str, walked: Walked) -> None:
    """Nor of what is related to it, nor that either exists: each tip has its reference in its own page's title."""
    assert [str(answer) for answer in walked(role, "recused") if answer.holds(MARKS - OF_OTHERS)] == []
