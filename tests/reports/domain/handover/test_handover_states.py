"""The states of a hand-over are total: each is known, reached, and left only as TRANSITIONS says."""

import pytest
from django.db import IntegrityError, transaction

from reports.domain import handover
from reports.domain.errors import NoSuchMove
from reports.domain.handover import signatures
from reports.models import Pack, PackState


@pytest.fixture
def pack(send, officer) -> Pack:
    return handover.draft(tips=[send()], by=officer)


def test_transitions_know_every_state_and_lead_somewhere_that_exists():
    assert set(handover.TRANSITIONS) == set(PackState)
    assert set().union(*handover.TRANSITIONS.values()) <= set(PackState)


def test_every_state_can_be_reached_and_the_last_two_are_the_end():
    reached, edge = {PackState.DRAFTED}, {PackState.DRAFTED}
    while edge:
        edge = set().union(*(handover.TRANSITIONS[one] for one in edge)) - reached
        reached |= edge
    assert reached == set(PackState)
    ends = {one for one, onward in handover.TRANSITIONS.items() if not onward}
    assert ends == {PackState.CONFIRMED, PackState.WITHDRAWN}


@pytest.mark.parametrize("before", PackState)
@pytest.mark.parametrize("to", PackState)
def test_a_pack_moves_as_transitions_say_and_in_no_other_way(pack, before, to):
    pack.state = before
    if to in handover.TRANSITIONS[before]:
        handover.move(pack=pack, to=to)
        assert Pack.objects.get().state == to
    else:
        with pytest.raises(NoSuchMove, match=f"A pack that is {str(before.label).lower()} cannot become"):
            handover.move(pack=pack, to=to)


def test_signatures_fall_only_along_transitions():
    assert {one for one, onward in handover.TRANSITIONS.items() if PackState.DRAFTED in onward} == set(
        signatures.UNSENT
    )


def test_database_refuses_a_state_that_does_not_exist(pack):
    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(state="lost")
