"""A new desk key for each quarter: what is kept is sealed to it again, and the older keys leave the ring.

A key may leave only when every machine seals to a newer one, no outbox holds anything from before, and no row is
sealed to it. From then on an old backup cannot be read either: the newest ring does not open it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from socket import gethostname
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.domain import audit, desk
from reports.domain.errors import DeskBroken
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.tips import digests
from reports.models import AuditAct, Digest, Node, RingMark, Segment
from reports.sealing import envelope

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import Model, QuerySet

    from reports.domain.keys.keyholders import Keys
    from reports.sealing.keyring import DeskPub

BATCH = 300  # envelopes that one call seals again at the most: about 50 ms
SEGMENTS = 8  # of the search's cache that it deletes at the most
QUARTER = timedelta(days=91)  # after which a new key is due
SETTLED = timedelta(hours=1)  # how long a tip that was sealed to the older key may be on its way, at the very most
SILENT = timedelta(days=1)  # after which a machine's last report counts no more


@dataclass(frozen=True)
class Progress:
    """How many sealed rows there are, how many are sealed to the current key, and how many do not open."""

    total: int
    done: int
    stuck: int = 0

    @property
    def left(self) -> int:
        """Return how many are still sealed to an older key."""
        return self.total - self.done


def sealed_models() -> "Iterator[type[Model]]":
    """Yield every model whose rows are envelopes to the desk: those with `sealed` and `key_index`."""
    for model in apps.get_app_config("reports").get_models():
        if {"sealed", "key_index"} <= {field.name for field in model._meta.fields}:  # noqa: SLF001 - Django's public name
            yield model


def progress() -> Progress:
    """Return how far the sealing to the current key has come."""
    current = desk.public_key().index
    rows = [(_rows(model).count(), _rows(model).filter(key_index=current).count()) for model in sealed_models()]
    return Progress(total=sum(total for total, _ in rows), done=sum(done for _, done in rows))


def step(*, by: "User", keys: "Keys", limit: int = BATCH) -> Progress:
    """Seal up to `limit` older rows to the current key and return how far that came; what does not open stays."""
    with transaction.atomic():
        stuck = _seal_some(desk.public_key(), by=by, keys=keys, limit=limit)
    return replace(progress(), stuck=stuck)


def _seal_some(key: "DeskPub", *, by: "User", keys: "Keys", limit: int) -> int:
    """Do what `step` does, on the record, and return how many rows do not open."""
    done, stuck = digests.drop_older(index=key.index, limit=SEGMENTS), 0
    for model in sealed_models():
        if model is Segment:  # a cache of megabytes: never sealed again
            continue
        older = _rows(model).exclude(key_index=key.index).order_by("key_index", "pk")
        for row in older[: max(0, limit - done)]:
            if _seal_again(row, keys, key.index, key.recipient):
                done += 1
            else:
                stuck += 1
    if done:
        audit.record(by=by, act=AuditAct.RESEALED, count=done, key=key.index)
    return stuck


def report(*, now: datetime) -> None:
    """Tell the database which key this machine seals to and whether its outbox is empty; `tend` does it each minute."""
    try:
        key_index = desk.public_key().index
    except DeskBroken:
        key_index = 0
    found = Node.objects.filter(pk=_node_id()).first() or Node(pk=_node_id(), since=now, key_index=key_index)
    if found.key_index != key_index:
        found.key_index, found.since, found.emptied_at = key_index, now, None
    if not outbox.waiting() and not outbox.damaged():
        found.emptied_at = now
    found.name, found.seen_at = gethostname()[:100], now
    found.save()


def hindrances(*, index: int, now: datetime) -> list[str]:
    """Return what keeps desk key `index` from leaving the ring, one sentence each; none when it may go."""
    found = [problem for node in Node.objects.all() if (problem := _keeps(node, index, now))]
    if not Node.objects.exists():
        found.append(_("No machine has reported its key yet. Wait for the next run of the chores."))
    if held := sum(_rows(model).filter(key_index__lte=index).count() for model in sealed_models()):
        said = ngettext(
            "%(count)s stored envelope is still sealed to it. Seal it again first.",
            "%(count)s stored envelopes are still sealed to it. Seal them again first.",
            held,
        )
        found.append(said % {"count": number_format(held, force_grouping=True)})
    return found


def retire(*, by: "User", phrase: str, now: datetime) -> "Keys":
    """Take the oldest desk key out of the ring for good; raises Refused with everything that keeps it there."""
    return keyholders.retire(by=by, phrase=phrase, hindered=lambda index: hindrances(index=index, now=now))


def due(*, now: datetime) -> bool:
    """Return whether the current desk key is a quarter old."""
    first = RingMark.objects.order_by("-key_index", "version").first()
    return first is not None and timezone.localdate(now) - first.written >= QUARTER


def forget_node(*, node: Node, by: "User | None") -> None:
    """Strike a machine that is gone for good off the list; its outbox must be empty or lost."""
    with transaction.atomic():
        audit.record(by=by, act=AuditAct.FORGOT_NODE, subject=node.name[:60])
        node.delete()


def _keeps(node: Node, index: int, now: datetime) -> str:
    """Return why a machine still needs the key, or nothing."""
    if node.key_index <= index:
        return _("%(node)s seals to an older key. Copy desk.pub there.") % {"node": node.name}
    if now - node.seen_at > SILENT:
        said = _("%(node)s has not reported for a day. Look at its chores, or strike it off if it is gone.")
        return said % {"node": node.name}
    if node.emptied_at is None or node.emptied_at < node.since + SETTLED:
        said = _("%(node)s had its new key, and an empty outbox after it, for less than an hour. Wait.")
        return said % {"node": node.name}
    return ""


def _seal_again(row: Any, keys: "Keys", index: int, recipient: str) -> bool:
    """Seal one row to the current key; False when it does not open, or changed meanwhile."""
    if isinstance(row, Digest):
        return digests.seal_again(row, keys=keys, index=index)
    try:
        bundle = envelope.open_sealed(bytes(row.sealed), identities=keys.identities, bound=row.bound())
    except envelope.EnvelopeError:
        return False
    bound = bundle.bound | {"key": index}
    sealed = envelope.seal(replace(bundle, bound=bound), recipients=[recipient])
    same = _rows(type(row)).filter(pk=row.pk, key_index=row.key_index)
    return bool(same.update(sealed=sealed, key_index=index))


def _rows(model: "type[Model]") -> "QuerySet[Any]":
    return model._default_manager.all()  # noqa: SLF001 - Django's public name


def _node_id() -> str:
    """Return this state folder's own random name, made when missing."""
    path = settings.STATE_DIR / "node"
    if not path.exists():
        desk.write(path, secrets.token_hex(16).encode())
    return str(path.read_text(encoding="ascii"))
