"""Two members who work at once raise no alarm, and none that stays."""

from collections.abc import Callable
from functools import partial

import pytest

from reports.domain import key_rotation
from reports.domain.audit import audit_log, named_rows
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.domain.triage import safety
from reports.models import Tip
from tests.reports.domain.audit import desks

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]
type Elsewhere = Callable[[Callable[[], object]], Callable[[], None]]


def once(monkeypatch, room, name, act, *, after):
    """Let `act` happen beside the first call of a function, before or after it; return the list of times it did."""
    real, done = getattr(room, name), list[int]()

    def called(*positional, **named):
        answer = real(*positional, **named) if after else None
        if not done:
            done.append(1)
            act()
        return answer if after else real(*positional, **named)

    monkeypatch.setattr(room, name, called)
    return done


@pytest.fixture
def rotated(roles, caseworker, keys, passphrase, send):
    """Return a tip of a desk that has just had a new key, and the keys; another one has just come in."""
    tip = send("Seen already.")
    opening.open_new(by=caseworker, keys=keys)
    audit_log.renew_head()
    send("Nobody has opened this yet.")
    caseworker.is_superuser = True
    caseworker.save()
    return tip, keyholders.rotate(by=caseworker, passphrase=passphrase)


def test_what_a_colleague_writes_between_two_reads_is_no_finding(
    filled, caseworker, team_lead, keys, monkeypatch
):
    tip = Tip.objects.filter(referral_parts=None)[0]
    said = {"kind": "closed", "choice": "none", "text": "Meanwhile."}
    add = partial(safety.add, tip=tip, **said, by=team_lead, keys=keys)
    done = once(monkeypatch, named_rows, "newest", add, after=False)
    assert opening.read(tip=tip, by=caseworker, keys=keys).doubts == ()
    assert done
    assert tip.safety_decisions.count() == 2


def test_an_arrival_that_is_sealed_again_while_it_is_opened_waits_for_the_next_call(
    rotated, caseworker, monkeypatch
):
    _tip, fresh = rotated
    once(
        monkeypatch,
        opening,
        "_tried",
        lambda: key_rotation.step(by=caseworker, keys=fresh),
        after=True,
    )
    assert [opening.open_new(by=caseworker, keys=fresh) for _call in range(2)] == [0, 1]
    assert desks.on_pages(keys=fresh) == []
