"""Whether the mail server would take a notice, asked regularly: so that it is known before something urgent comes."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import mailers

from reports.domain import desk
from reports.domain.health import heartbeat
from reports.domain.health.heartbeat import instant

EVERY = timedelta(hours=1)
AGAIN = timedelta(minutes=15)  # where the server did not take it: often enough, and no flood of wrong passwords
REFUSES = 500  # the first of SMTP's codes that say no for good

log = logging.getLogger(__name__)


def operators() -> list[str]:
    """Return the addresses that are told when the site is ill: MAIL_OPERATOR, else the duty person."""
    return [address for address in [settings.MAIL_OPERATOR or desk.profile().duty_email] if address]


def ask(*, now: datetime, at_once: bool = False) -> None:
    """Ask the mail server, when it is time or `at_once`, whether it knows us and takes mail for who must be told."""
    with heartbeat.changing() as beat:
        last, failed = (instant(beat.mail.get(name, "")) for name in ("reached", "unreached"))
        wait = AGAIN if failed and (not last or failed > last) else EVERY
        newest = max(filter(None, (last, failed)), default=None)
        if not settings.MAIL_HOST or (newest and abs(now - newest) < wait and not at_once):
            return
        at = heartbeat.stamp(now)  # what a clock noted that was ahead goes: it would count as the newest
        answer = {"reached" if _takes_mail() else "unreached": at}
        beat.mail = {name: then for name, then in beat.mail.items() if then <= at} | answer


def note(*, sent: bool, now: datetime) -> None:
    """Write down that a notice could not be mailed, until the next one is; of the server itself only `ask` tells."""
    with heartbeat.changing() as beat:
        beat.mail.pop("refused", None)
        beat.mail |= {} if sent else {"refused": heartbeat.stamp(now)}


def _takes_mail() -> bool:
    """Return whether the server lets us sign in and takes sender and addressees; no message is sent."""
    backend: Any = mailers["default"]
    try:
        backend.open()
        server = backend.connection
        _require(server.mail(settings.DEFAULT_FROM_EMAIL))
        for address in {*operators(), desk.profile().duty_email} - {""}:
            _require(server.rcpt(address))
        server.rset()
    except (OSError, SMTPException):
        log.exception("the mail server does not accept our email")
        return False
    finally:
        backend.close()
    return True


def _require(answer: tuple[int, bytes]) -> None:
    """Raise SMTPResponseException if the server says no for good; for now, as greylisting does, is no reason."""
    code, text = answer
    if code >= REFUSES:
        raise SMTPResponseException(code, text)
