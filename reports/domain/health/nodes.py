"""The machines of this site as they report themselves: which are silent, ill, or seal to an older key."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from reports.domain import desk
from reports.domain.health.faults import FAULTS, MACHINES
from reports.models import Node

SILENT = timedelta(minutes=10)  # without a report, which is due every minute
TO_COPY = timedelta(hours=1)  # for bringing a new desk.pub to a machine by hand


class Lag(NamedTuple):
    """A machine that somebody must look at: its name, and a sentence for each reason."""

    name: str
    reasons: list[str]


def lagging(*, now: datetime) -> list[Lag]:
    """Return the machines, this one left out, that are silent, ill, or without a key that this one has for an hour."""
    own = Node.objects.filter(pk=desk.node_id(), since__lt=now - TO_COPY).first()
    newest = own.key_index if own else 0
    others = Node.objects.exclude(pk=desk.node_id()).order_by("name")
    lags = [Lag(node.name, list(_reasons(node, newest, now))) for node in others]
    return [lag for lag in lags if lag.reasons]


def _reasons(node: Node, newest: int, now: datetime) -> Iterator[str]:
    if abs(now - node.seen_at) > SILENT:
        yield "It has not reported for ten minutes. Check its maintenance. If the server no longer exists, remove it."
    if node.key_index < newest:
        yield "It locks tips with an older key. Copy desk.pub to it."
    for key in node.causes.split():
        if key in FAULTS and key != MACHINES.id:
            yield str(FAULTS[key].what)
