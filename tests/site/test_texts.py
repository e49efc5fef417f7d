"""Where a sealed text is shown: to nobody without a key, and to nobody unless it is on the record."""

import pytest

from tests.site.conftest import everybody
from tests.site.desk import MARKS
from tests.site.walk import TEAM_LEAD

pytestmark = pytest.mark.engine

READING = {
    "read",
    "glimpsed",
    "read-picture",
    "revealed",
    "read-reason",
    "read-summary",
    "read-search",
    "read-referral",
}
# Of other tips, and of none: who knows somebody in one tip may see these.
OF_OTHERS = {b"zzmark-recusal", b"zzmark-search"}


def shown(answers):
    """Return which answers show a sealed text."""
    return [str(answer) for answer in answers if answer.holds(MARKS)]


@pytest.mark.promise("team", name="own-words")
@pytest.mark.parametrize(("role", "state"), everybody("nobody", "ungranted"))
@pytest.mark.proof("addresses")
def test_who_has_no_grant_sees_no_word_at_any_address(role, state, walked):
    """At every address of the desk, nobody without a grant sees a word, whatever their roles."""
    assert shown(walked(role, state)) == []


@pytest.mark.promise("team", name="own-words")
@pytest.mark.parametrize(("role", "state"), everybody("locked"))
@pytest.mark.proof("addresses")
def test_a_locked_desk_shows_no_word_at_any_address(role, state, walked):
    """A locked desk shows no word at any address."""
    assert shown(walked(role, state)) == []


@pytest.mark.promise("team", name="reading-recorded")
@pytest.mark.parametrize(("role", "state"), everybody("unlocked", "unrecorded"))
@pytest.mark.proof("addresses")
def test_no_word_is_shown_at_any_address_that_is_not_on_the_record(role, state, walked):
    """At every address, no word is shown that is not on the record, and none while nothing can be recorded.

    So none is shown while nothing can be recorded.
    """
    answers = walked(role, state)
    assert [
        str(answer) for answer in answers if answer.holds(MARKS) and not answer.acts & READING
    ] == []
    if (role, state) == TEAM_LEAD:
        assert (
            set().union(*(answer.holds(MARKS) for answer in answers)) == MARKS
        )  # the control: each is somewhere


@pytest.mark.promise("team")
@pytest.mark.parametrize(("role", "state"), everybody("recused"))
@pytest.mark.proof("addresses")
def test_who_knows_somebody_finds_no_word_of_it_at_any_address(role, state, walked):
    """At every address, anyone who knows someone in a tip finds no word of it or of what is related to it.

    Nor of what is related to it.
    """
    assert [str(answer) for answer in walked(role, state) if answer.holds(MARKS - OF_OTHERS)] == []
