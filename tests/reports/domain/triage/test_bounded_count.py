"""A count is of what the member may see."""

import pytest

from reports.admin import home
from reports.domain import triage
from reports.models import Recusal, shown_to


@pytest.mark.parametrize("what", ["mine", "unread"])
def test_count_for_each_member_is_their_own_without_what_is_hidden(send, officer, lead, what):
    hidden, _shown = send(), send()
    triage.assign(tip=hidden, to=officer, by=lead)
    before = {"mine": (1, 0), "unread": (2, 2)}[what]
    counts = getattr(home, what)
    assert tuple(counts(user, shown_to(user)).number for user in (officer, lead)) == before
    Recusal.objects.create(tip=hidden, user=officer, key_index=1, sealed=b"")
    assert tuple(counts(user, shown_to(user)).number for user in (officer, lead)) == (before[0] - 1, before[1])
