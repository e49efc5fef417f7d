"""Key rotation: a new desk key for each quarter; stored rows are sealed to it again, and older keys leave the key file.

A key may leave only once every machine seals to a newer one, no outbox holds an older entry, and no row is sealed to
it. From then on old backups cannot be read either: the newest key file does not open them. It
joins the keys with the outbox and with every row that is sealed.
"""

import logging
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from socket import gethostname
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min, Model, QuerySet
from django.utils import timezone
from django.utils.formats import number_format

from core.text import plural
from reports.domain import state_files
from reports.domain.audit import audit_log, columns, named_rows, verification
from reports.domain.audit.named_rows import Named
from reports.domain.errors import DeskBroken, Refused, Swapped
from reports.domain.intake import outbox, unwatched_line
from reports.domain.keys import keyholders, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.storage import mirror
from reports.domain.tips import digests
from reports.models import (
    AuditAct,
    AuditEvent,
    BackupMark,
    Digest,
    Draft,
    Entry,
    ExportedPart,
    KeyFileMark,
    Node,
    NodeReport,
    Relation,
)
from reports.sealing import envelope
from reports.sealing.keyring import DeskPub

BATCH = 300  # envelopes that one call seals again at the most: about 50 ms
QUARTER = timedelta(days=91)  # after which a new key is due
SETTLED = timedelta(
    hours=1
)  # how long a tip that was sealed to the older key may be on its way, at the very most
SILENT = timedelta(days=1)  # after which a machine's last report is too old
MACHINES = 100  # that a site can have: whoever takes over a public one could make up any number
REPORTS = 500  # of theirs that one run takes over

# With what names a row's subject.
WITH: dict[type[Model], QuerySet[Any]] = {
    Relation: Relation.objects.select_related("low", "high"),
    ExportedPart: ExportedPart.objects.select_related("referral", "tip"),
    **{model: model.objects.select_related("tip") for model in (Entry, *columns.OF_A_TIP)},
}

log = logging.getLogger(__name__)


def sealed_models() -> Iterator[type[Model]]:
    """Yield every model whose rows are envelopes to the desk: those with `sealed` and `key_index`."""
    for model in apps.get_app_config("reports").get_models():
        if {"sealed", "key_index"} <= {field.name for field in model._meta.fields}:  # noqa: SLF001 - Django's public name
            yield model


def rows_left() -> int:
    """Return how many rows are still sealed to an older key."""
    current = state_files.public_key().index
    return sum(_rows(model).exclude(key_index=current).count() for model in sealed_models())


def seal_again(*, by: User, keys: Keys, seconds: float) -> None:
    """Seal older rows to the current key for this time, once the audit log is verified.

    Raises Refused while that has a finding, and where nothing of what is left opens.
    """
    verification.require_whole(keys=keys)
    until = time.monotonic() + seconds
    before = -1
    left = rows_left()
    while left and left != before and time.monotonic() < until:
        before = left
        left = step(by=by, keys=keys)
    if left and left == before:
        raise Refused(
            "The rest cannot be opened with the desk’s keys. You will see this on the pages of those tips."
        )


def step(*, by: User, keys: Keys, limit: int = BATCH) -> int:
    """Seal up to `limit` older rows to the current key and return how many are left; rows that do not open stay."""
    with transaction.atomic():
        _seal_some(state_files.public_key(), by=by, keys=keys, limit=limit)
    return rows_left()


def _seal_some(key: DeskPub, *, by: User, keys: Keys, limit: int) -> None:
    """Seal up to `limit` older rows, and record it."""
    done = 0
    audit_log.take_turn()  # nobody records anything meanwhile; a row that somebody is writing is left for the next step
    again = list["Model"]()
    was = dict[str, str]()
    strange = set[str]()
    for model in sealed_models():
        older = (
            WITH.get(model, _rows(model)).exclude(key_index=key.index).order_by("key_index", "pk")
        )
        rows = list(older.select_for_update(skip_locked=True, of=("self",))[: max(0, limit - done)])
        named = {row for row in rows if model in columns.COLUMNS and getattr(row, "opened", True)}
        hashes = named_rows.said_of(named, proof=keys.audit_keys)
        changed = {row for row in named if hashes[columns.key(row)] != columns.digest(row)}
        was |= hashes
        for row in rows:
            if row in changed:
                strange |= set(columns.subjects(row))
            elif _seal_again(row, keys, key.index, key.recipient):
                done += 1
                if row in named:
                    again.append(row)
            elif model in (
                Draft,
                Digest,
            ):  # of no use to anybody, unless it was kept or made again just now
                _rows(model).filter(pk=row.pk, key_index=row.key_index).delete()
    if done:
        audit_log.record(by=by, act=AuditAct.RESEALED, count=done, key=key.index)
    _name_again(again, was, strange, by=by, keys=keys)


def _name_again(
    rows: Iterable[Model], was: Mapping[str, str], strange: set[str], *, by: User, keys: Keys
) -> None:
    """Name rows as they are sealed now in an event of each subject, and record once of which something has changed."""
    by_subject: dict[str, list[Model]] = defaultdict(list)
    for row in rows:
        for subject in columns.subjects(row):
            by_subject[subject].append(row)
    named = {subject: Named(its, was=was, keys=keys) for subject, its in by_subject.items()}
    audit_log.record_each(by=by, act=AuditAct.CONFIRMED_ROWS, subjects=list(named), rows=named)
    known = AuditEvent.objects.filter(act=AuditAct.NOT_AS_RECORDED, subject__in=strange)
    new = sorted(strange - set(known.values_list("subject", flat=True)))
    audit_log.record_each(by=by, act=AuditAct.NOT_AS_RECORDED, subjects=new)


def report(*, now: datetime, causes: Iterable[str] = ()) -> None:
    """Report in the database which key this machine seals to, whether its outbox is empty, and what is wrong with it.

    It runs each minute. A public machine leaves its report, and the desk's takes over those that were left.
    """
    try:
        key_index = state_files.public_key().index
    except DeskBroken:
        key_index = 0
    facts: dict[str, Any] = {"name": gethostname()[:100], "key_index": key_index, "seen_at": now}
    facts["causes"] = " ".join(sorted(causes))[
        :200
    ]  # as many as the column takes: half an id is none
    own = NodeReport(node=state_files.node_id(), empty=_is_empty(key_index), **facts)
    if settings.SITE_ROLE == "public":
        NodeReport.objects.bulk_create([own])
        return
    _take_over(
        own, now=now
    )  # before what others say, so that nothing of theirs hides when a tip was last read
    Node.objects.filter(pk=own.node).update(read_on=unwatched_line.last_read_on())
    # At random, so that a flood keeps no other machine from being heard for ever; then the oldest first.
    for _seen_at, pk in sorted(
        NodeReport.objects.order_by("?").values_list("seen_at", "pk")[:REPORTS]
    ):
        _take_over_left(pk, now=now)


def _take_over_left(pk: UUID, *, now: datetime) -> None:
    """Take over and delete what another machine left; what makes no sense, as whoever took it over may write, goes."""
    try:
        with transaction.atomic():
            report = NodeReport.objects.get(pk=pk)
            named = re.fullmatch("[0-9a-f]{32}", report.node) and report.name.isprintable()
            if (
                named
                and report.node != state_files.node_id()
                and (
                    Node.objects.filter(pk=report.node).exists() or Node.objects.count() < MACHINES
                )
            ):
                _take_over(report, now=now)
    except Exception:  # one of these must not keep the others from being heard
        log.exception("a machine's report cannot be read")
    NodeReport.objects.filter(pk=pk).delete()


def _is_empty(key: int) -> bool:
    """Return whether this machine's outbox is empty, and its mirror holds nothing that is sealed to an older key."""
    holds_older = settings.OUTBOX_MIRROR is not None and mirror.needs(key=key)
    return not (outbox.waiting() or outbox.damaged() or holds_older)


def _take_over(report: NodeReport, *, now: datetime) -> None:
    """Store what a machine said of itself; what it says of an instant that has not come yet counts as said now."""
    seen_at = min(report.seen_at, now)
    new = Node(pk=report.node, since=seen_at, key_index=report.key_index)
    node = Node.objects.filter(pk=report.node).first() or new
    if node.key_index != report.key_index:
        node.key_index = report.key_index
        node.since = seen_at
        node.emptied_at = None
    if report.empty:
        node.emptied_at = seen_at
    node.name = report.name
    node.seen_at = seen_at
    node.causes = report.causes or ""
    node.save()


def hindrances(*, index: int, now: datetime) -> list[str]:
    """Return the reasons why desk key `index` must stay in the key file, a sentence each; none if it may leave.

    Drafts keep no key: one that was not sealed again in time cannot be opened any more, and goes after its days.
    """
    problems = []
    for node in Node.objects.all():
        problem = _keeps(node, index, now)
        if problem:
            problems.append(problem)
    if not Node.objects.exists():
        problems.append("No server has reported its key yet. Wait for the next maintenance run.")
    if _backup_needs(index):
        problems.append(
            "The newest backup still needs this key. Make and verify a new backup, then come back."
        )
    needed = [model for model in sealed_models() if model is not Draft]
    count = sum(_rows(model).filter(key_index__lte=index).count() for model in needed)
    if count:
        message = plural(
            count,
            f"{number_format(count, force_grouping=True)} stored item is still locked with this key. Lock it "
            "with the current key first.",
            f"{number_format(count, force_grouping=True)} stored items are still locked with this key. Lock "
            "them with the current key first.",
        )
        problems.append(message)
    return problems


def oldest_key() -> int:
    """Return the number of the oldest desk key that a stored envelope is sealed to, drafts left out; 0 for none."""
    oldest = (
        _rows(model).aggregate(key=Min("key_index"))["key"]
        for model in sealed_models()
        if model is not Draft
    )
    return min(filter(None, oldest), default=0)


def retire(*, by: User, passphrase: str, now: datetime) -> Keys:
    """Remove the oldest desk key from the key file for good; raises Refused with the hindrances."""
    return keyholders.retire(
        by=by, passphrase=passphrase, hindered=lambda index: hindrances(index=index, now=now)
    )


def due(*, now: datetime) -> bool:
    """Return whether the current desk key is a quarter old."""
    first = KeyFileMark.objects.order_by("-key_index", "version").first()
    return first is not None and timezone.localdate(now) - first.written >= QUARTER


def forget_node(*, node: Node, by: User | None) -> None:
    """Remove a machine that is gone for good from the list; its outbox must be empty or lost."""
    with transaction.atomic():
        audit_log.record(by=by, act=AuditAct.FORGOT_NODE, subject=node.name[:60])
        node.delete()


def _backup_needs(index: int) -> bool:
    """Return whether the newest verified backup holds something that nobody could open without the key."""
    newest = BackupMark.objects.exclude(verified_at=None).first()
    return BackupMark.objects.exists() and (newest is None or 0 < newest.oldest_key <= index)


def _keeps(node: Node, index: int, now: datetime) -> str:
    """Return why a machine still needs the key, or ""."""
    if node.key_index <= index:
        return f"{node.name} locks tips with an older key. Copy desk.pub to it."
    if now - node.seen_at > SILENT:
        message = (
            "%(node)s has not reported for a day. Check its maintenance. If the server no "
            "longer exists, remove it."
        )
        return message % {"node": node.name}
    if node.emptied_at is None or node.emptied_at < node.since + SETTLED:
        message = (
            "%(node)s has had its new key, and an empty outbox since then, for less than an hour. Wait. If it has a "
            "second disk, older tips are deleted there only when you have verified a backup that has them."
        )
        return message % {"node": node.name}
    return ""


def _seal_again(row: Any, keys: Keys, index: int, recipient: str) -> bool:
    """Seal one row to the current key; return False if it does not open, or has changed meanwhile."""
    if isinstance(row, Digest):
        return digests.seal_again(row, keys=keys, index=index)
    try:
        bundle = unsealed.bundle(row, keys=keys)
    except Swapped:
        return False
    bound = bundle.bound | {"key": index}
    same = _rows(type(row)).filter(pk=row.pk, key_index=row.key_index)
    row.sealed = envelope.seal(replace(bundle, bound=bound), recipients=[recipient])
    row.key_index = index
    return bool(same.update(sealed=row.sealed, key_index=index))


def _rows(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.all()  # noqa: SLF001 - Django's public name
