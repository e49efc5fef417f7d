"""A sender who is not sure about danger: below urgent tips, above all others, from opening until the decision."""

import pytest

from reports.domain.errors import Refused
from reports.domain.tips import opening
from reports.domain.triage import at_end, triaging, undoing
from reports.domain.triage.safety import Danger
from reports.models import Tip
from reports.models.tips import AT_END, UNREAD, UNSURE, URGENT
from reports.sealing import receipts
from tests.reports.handing import newest_keys
from tests.reports.telling import PROGRAM, tell

pytestmark = pytest.mark.engine

DANGER = Danger("none", "A dog, on a lead.")


def standing(tip):
    """Return the rank of a tip, and whether it says in clear that its sender is not sure."""
    return Tip.objects.values_list("rank", "unsure").get(pk=tip.pk)


def test_a_tip_whose_sender_is_not_sure_stands_as_unread_then_below_urgent_ones(caseworker, keys):
    tips = [tell(danger=danger) for danger in ("yes", "unsure", "no")]
    assert [standing(tip) for tip in tips] == [(URGENT, False), (UNREAD, False), (UNREAD, False)]
    opening.open_new(by=caseworker, keys=keys)
    assert [standing(tip) for tip in tips] == [(URGENT, False), (UNSURE, True), (UNREAD, False)]
    assert list(Tip.objects.in_reading_order()) == tips


def test_it_stays_there_when_it_was_read_until_someone_has_it_or_decides_it(
    opened, caseworker, keys
):
    tip = opened(danger="unsure")
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert standing(tip) == (UNSURE, True)
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    assert standing(tip) == (0, True)
    triaging.assign(tip=tip, to=None, by=caseworker)
    press = undoing.new_press()
    triaging.move(tip=tip, to="no_action", by=caseworker, danger=DANGER, keys=keys, press=press)
    assert standing(tip) == (0, False)
    undoing.undo(press=press, by=caseworker, keys=keys)
    assert standing(tip) == (UNSURE, True)


def test_what_the_sender_adds_can_say_it_and_is_new_until_it_is_decided(caseworker, keys):
    token = receipts.new_token()
    tip = tell(token=token)
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    triaging.move(tip=tip, to="no_action", by=caseworker, keys=newest_keys())
    tell("He has a knife, I think.", token=token, danger="unsure")
    opening.open_new(by=caseworker, keys=keys)
    assert standing(tip) == (UNSURE, True)
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert standing(tip) == (UNREAD, False)


def test_what_a_program_sent_stays_at_the_end_although_it_is_not_sure(caseworker, keys):
    tip = tell(danger="unsure", suspect=PROGRAM)
    opening.open_new(by=caseworker, keys=keys)
    assert standing(tip) == (AT_END, True)
    assert not Tip.objects.unsure_waiting().exists()


def test_nobody_closes_it_over_what_they_have_not_read_in_bulk_or_with_copies(caseworker, keys):
    tips = [tell("The same.", danger="unsure") for _copy in range(2)]
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get(pk=tips[0].pk)
    with pytest.raises(Refused, match="No other unread tip says the same"):
        at_end.move_to_end(tip=tip, by=caseworker)
    Tip.objects.update(status="reading")
    tip.refresh_from_db()
    with pytest.raises(Refused, match="Something new has come that nobody has read"):
        triaging.move(tip=tip, to="no_action", by=caseworker, keys=newest_keys())
    with pytest.raises(Refused, match="This tip may be urgent"):
        triaging.require_own(tip=tip, to="no_action")
    Tip.objects.update(unsure=False)
    tip.refresh_from_db()
    triaging.move(tip=tip, to="no_action", by=caseworker, keys=newest_keys())  # the control
