"""Everything that has to be done every minute, in the order in which it matters."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from newsroom.domain import images, request_rebuild
from reports.domain import desk, key_rotation, outcomes, retention, search
from reports.domain.errors import ChoresFailed
from reports.domain.figures import counting
from reports.domain.intake import outbox, unwatched_line
from reports.domain.maintenance import dashboard, notices
from reports.domain.outcomes import appeals
from reports.domain.retention import ledger
from reports.models import Invitation

STAFF_ADDRESSES_KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def do_all() -> Iterator[str]:
    """Do the chores and yield a line for each that did something.

    One that fails keeps no other from being done: what failed is named at the end, in ChoresFailed. A database
    that does not answer ends them at once, as Django's own error.
    """
    now, failed = timezone.now(), []
    for chore in CHORES:
        if chore.needs_desk and settings.SITE_ROLE == "public":
            continue
        try:
            yield from chore.do(now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # whatever it was, the next chore may matter more
            log.exception("a chore failed; the others go on")
            failed.append(str(chore.name))
    if failed:
        said = _("These chores failed: %(chores)s. The log says where.")
        raise ChoresFailed(said % {"chores": ", ".join(failed)})


def _drain(now: datetime) -> Iterator[str]:
    if moved := outbox.drain():
        said = ngettext(
            "%(count)s arrival moved into the database.", "%(count)s arrivals moved into the database.", moved
        )
        yield said % {"count": moved}


def _tell_the_form(now: datetime) -> Iterator[str]:
    desk.refresh_form(line=unwatched_line.state(now=now))
    yield from ()


def _notify(now: datetime) -> Iterator[str]:
    if notices.tend(now=now):
        yield _("The duty keyholder was told that the desk needs them.")


def _notify_unread(now: datetime) -> Iterator[str]:
    if told := notices.tell_unread(now=now):
        yield ngettext(
            "%(count)s member was told that the desk has unread tips.",
            "%(count)s members were told that the desk has unread tips.",
            told,
        ) % {"count": told}


def _count(now: datetime) -> Iterator[str]:
    dashboard.tend(now=now)
    yield from ()


def _send_mark(now: datetime) -> Iterator[str]:
    notices.weekly(now=now)
    yield from ()


def _clear_pictures(now: datetime) -> Iterator[str]:
    images.clear_orphans()
    yield from ()


def _delete_due(now: datetime) -> Iterator[str]:
    """Delete what the schedule says, and empty SQLite's log even where a reader kept the last run from it."""
    if gone := retention.tend(today=timezone.localdate(now)):
        said = ngettext(
            "%(count)s tip deleted, as the schedule says.", "%(count)s tips deleted, as the schedule says.", gone
        )
        yield said % {"count": gone}
    transaction.on_commit(desk.empty_write_ahead_log)


def _publish_ledger(now: datetime) -> Iterator[str]:
    ledger.publish(today=timezone.localdate(now))
    yield from ()


def _tell_outcomes(now: datetime) -> Iterator[str]:
    yield from outcomes.tend(now=now)


def _release_figures(now: datetime) -> Iterator[str]:
    for quarter in counting.tend(today=timezone.localdate(now)):
        said = _("The figures of the quarter from %(month)s are out.")
        yield said % {"month": date_format(quarter, "F Y")}


def _publish_figures(now: datetime) -> Iterator[str]:
    counting.publish()
    appeals.publish()
    yield from ()


def _ask_for_every_page(now: datetime) -> Iterator[str]:
    """Leave a request: whoever serves the pages renders them, and no arrival waits for that."""
    request_rebuild.request_nightly(now=now)
    yield from ()


def _report_key(now: datetime) -> Iterator[str]:
    key_rotation.report(now=now)
    yield from ()


def _forget_expired(now: datetime) -> Iterator[str]:
    Session.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now).delete()
    search.tend(today=timezone.localdate(now))
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=now - STAFF_ADDRESSES_KEPT).delete()
    yield from ()


class Chore(NamedTuple):
    """One chore: its name in a sentence, what it does, and whether only machines with a desk do it."""

    name: Promise
    do: Callable[[datetime], Iterator[str]]
    needs_desk: bool = False


CHORES = (
    Chore(gettext_lazy("moving arrivals into the database"), _drain),
    Chore(gettext_lazy("telling the form what it must know"), _tell_the_form),
    Chore(gettext_lazy("sending notices"), _notify, needs_desk=True),
    Chore(gettext_lazy("telling members that something is unread"), _notify_unread, needs_desk=True),
    Chore(gettext_lazy("mailing the week's mark"), _send_mark, needs_desk=True),
    Chore(gettext_lazy("clearing pictures that no story uses"), _clear_pictures),
    Chore(gettext_lazy("deleting what is due"), _delete_due, needs_desk=True),
    Chore(gettext_lazy("publishing the ledger of deletions"), _publish_ledger),
    Chore(gettext_lazy("releasing and withdrawing outcomes"), _tell_outcomes, needs_desk=True),
    Chore(gettext_lazy("releasing the town's figures"), _release_figures, needs_desk=True),
    Chore(gettext_lazy("publishing the town's figures, and what came of appeals"), _publish_figures),
    Chore(gettext_lazy("asking for every page at night"), _ask_for_every_page),
    Chore(gettext_lazy("counting for the dashboard"), _count, needs_desk=True),
    Chore(gettext_lazy("reporting which key this machine seals to"), _report_key),
    Chore(gettext_lazy("forgetting sessions, invitations and addresses"), _forget_expired),
)
