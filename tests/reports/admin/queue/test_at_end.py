"""Tips that say the same are one line of the queue, and a press sets them aside or brings them back."""

from collections.abc import Callable

import pytest

from reports.domain.tips import opening
from reports.models import AuditEvent, Tip

QUEUE, BESIDE = "/admin/reports/tip/", "/admin/reports/tip/?waiting=at_end"
type Send = Callable[..., Tip]


@pytest.fixture
def same(send, caseworker, keys):
    """Return three opened tips that say the same, the queue's first one first; another stands beside them."""
    tips = [
        send("They deal by the garages."),
        send("they deal by the garages"),
        send("They deal, by the garages!"),
    ]
    send("A grey van.")
    opening.open_new(by=caseworker, keys=keys)
    return sorted(tips, key=lambda tip: tip.reference)


def press(client, action, *tips, at=QUEUE):
    """Press a button of the queue with these tips ticked, and return the page that it leads to."""
    sent = {"action": action, "index": "0", "_selected_action": [tip.pk for tip in tips]}
    answer = client.post(at, sent, follow=True)
    assert answer.redirect_chain == [(at, 302)]
    return answer.text


def test_a_line_for_all_of_them_sets_them_at_end_and_brings_them_back(signed_in, same):
    client = signed_in  # which needs no unlocked desk
    assert "3 unread tips say the same" in (text := client.get(QUEUE).text)
    assert [tip.reference in text for tip in same] == [True, False, False]
    assert "At the end <b>" not in text
    text = press(client, "move_to_end", *same)
    assert "3 tips moved to the end of the queue. We keep them until someone reads them." in text
    assert "At the end <b>3</b>" in text
    assert "we do not delete them unread" in client.get(BESIDE).text
    assert "3 tips moved back up." in press(client, "move_back_up", same[0], at=BESIDE)
    assert AuditEvent.objects.filter(act__in=["moved-to-end", "moved-back-up"]).count() == 6


def test_the_line_leads_to_each_of_them_by_itself(unlocked, same):
    text = unlocked.get(QUEUE, {"same": same[0].reference}).text
    assert all(tip.reference in text for tip in same)
    assert f"says the same as {same[0].reference}" in text
    assert "No tips match these filters." in unlocked.get(QUEUE, {"same": "K7QX-94MW"}).text
    assert "No tips match these filters." in unlocked.get(QUEUE, {"same": "nonsense"}).text
