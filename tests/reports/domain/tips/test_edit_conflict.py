"""Two caseworkers never overwrite each other."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reports.domain import triage
from reports.domain.errors import EditConflict
from reports.domain.tips import edit_conflict
from reports.models import Tip

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]


def hold(tip: Tip, by: User, since: int, *acts: str) -> Tip:
    with transaction.atomic():
        return edit_conflict.hold(tip=tip, by=by, seen=since, stale_after=acts)


def test_act_is_stale_once_a_colleague_has_done_what_it_would_undo(
    send: Send, caseworker: User, team_lead: User
) -> None:
    tip, other = send(), send()
    seen = edit_conflict.now()
    triage.move(tip=other, to="spam", by=team_lead)
    triage.assign(tip=tip, to=team_lead, by=team_lead)
    assert hold(tip, caseworker, seen, "moved") == tip
    with pytest.raises(EditConflict, match="lena has changed this since you opened it") as refused:
        hold(tip, caseworker, seen, "moved", "assigned")
    assert (refused.value.event.act, refused.value.event.detail) == ("assigned", {"to": "lena"})
    assert hold(tip, caseworker, edit_conflict.now(), "assigned").assignee == team_lead
    assert hold(tip, team_lead, seen, "assigned") == tip  # what one did oneself is no surprise
