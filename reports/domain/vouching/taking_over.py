"""Taking over what was stored before anything was vouched for, once, in bounded steps.

It waits a day from the first voucher: until then the version before may still be writing beside this one. What nobody
has vouched for by the end of it was put in by something else.
"""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from reports.domain import audit, vouching
from reports.domain.vouching import rows as kept_rows
from reports.models import AuditAct, AuditEvent, Enquiry, Outcome, Pack, Search, Tip, Voucher

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SETTLING = timedelta(days=1)
AT_ONCE = 50  # tips
BUDGET = 0.3  # seconds after which a call begins no further ones


def settled() -> bool:
    """Return whether everything from before is taken over: once for all, whatever stands in the log after that."""
    return AuditEvent.objects.filter(act=AuditAct.TOOK_OVER, detail__done=True).exists()


def step(*, by: "User", keys: vouching.Held, now: datetime, seconds: float = BUDGET) -> bool:
    """Take over some more once it is time, and return whether all is taken over."""
    if settled():
        return True
    if keys.vouchers is None:
        return False
    first = AuditEvent.objects.filter(act__in=(AuditAct.VOUCHED, AuditAct.TOOK_OVER)).order_by("at").first()
    if first is None and not _anything():
        return False
    if first is None:
        audit.record(by=by, act=AuditAct.TOOK_OVER, count=0, after="", done=False)
        return False
    if now - first.at < SETTLING:
        return False
    last = AuditEvent.objects.filter(act=AuditAct.TOOK_OVER).order_by("-at").first()
    return _go_on(str(last.detail["after"]) if last else "", by=by, keys=keys, until=time.monotonic() + seconds)


def _go_on(after: str, *, by: "User", keys: vouching.Held, until: float) -> bool:
    """Take over the tips after this key, and the rest once these are done; what was done stands in the log."""
    count, done = 0, False
    with transaction.atomic():
        audit.take_turn()
        while not count or time.monotonic() < until:
            tips = list(Tip.objects.filter(pk__gt=after).order_by("pk")[:AT_ONCE] if after else _first_tips())
            if not tips:
                count += _rest(by=by, keys=keys)
                done = True
                break
            count, after = count + _adopt(kept_rows.of_tips(tips), by=by, keys=keys), str(tips[-1].pk)
        audit.record(by=by, act=AuditAct.TOOK_OVER, count=count, after=after, done=done)
    return done


def _anything() -> bool:
    """Return whether there is anything that could have been vouched for."""
    return Tip.objects.filter(opened=True).exists() or any(model.objects.exists() for model in (Pack, Enquiry, Search))


def _first_tips() -> list[Tip]:
    return list(Tip.objects.order_by("pk")[:AT_ONCE])


def _rest(*, by: "User", keys: vouching.Held) -> int:
    """Take over everything that belongs to no single tip."""
    return sum(
        _adopt(present, by=by, keys=keys)
        for present in (
            kept_rows.of_packs(Pack.objects.all()),
            kept_rows.of_one(Enquiry.objects.all()),
            kept_rows.of_one(Search.objects.all()),
            kept_rows.of_one(Outcome.objects.standing()),
        )
    )


def _adopt(present: kept_rows.Present, *, by: "User", keys: vouching.Held) -> int:
    """Vouch for the rows of these subjects that no voucher names, and return for how many subjects that was."""
    vouchers = Voucher.objects.in_bulk(list(present))
    unnamed = {}
    for subject, rows in present.items():
        said = vouchers[subject].rows if subject in vouchers else {}
        new = {row: digest for row, digest in rows.items() if row not in said}
        if new and (said or any(not row.startswith("tip ") for row in rows)):
            unnamed[subject] = vouching.Change(digests=new, first=True)
    details = vouching.renew(unnamed, keys=keys)
    audit.record_each(by=by, act=AuditAct.VOUCHED, subjects=list(details), details=details)
    return len(details)
