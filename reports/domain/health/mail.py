"""Whether the mail server would take a notice, asked regularly: so that it is known before something urgent comes."""

import logging
import ssl
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.utils.encoding import force_str

from reports.domain import state_files
from reports.domain.health import heartbeat
from reports.domain.health.heartbeat import instant

EVERY = timedelta(hours=1)
AGAIN = timedelta(
    minutes=15
)  # where the server did not take it: often enough, and no flood of wrong passwords
# Which step it was, by what ended it; the first that fits.
STEPS: dict[type[Exception], str] = {
    SMTPAuthenticationError: "signing in",
    SMTPRecipientsRefused: "naming the addressee",
    SMTPSenderRefused: "naming the sender",
    SMTPNotSupportedError: "STARTTLS",
    ssl.SSLError: "STARTTLS",
    SMTPResponseException: "naming sender and addressee",
    SMTPException: "sending",
    OSError: "connecting",
}
REFUSES = 500  # the first of SMTP's codes that say no for good

log = logging.getLogger(__name__)


def operators() -> list[str]:
    """Return the addresses that are told when the site is ill: MAIL_OPERATOR, else the duty person."""
    address = settings.MAIL_OPERATOR or state_files.profile().duty_email
    if address:
        return [address]
    return []


def ask(*, now: datetime, at_once: bool = False) -> None:
    """Ask the mail server, when it is time or `at_once`, whether it knows us and takes mail for who must be told."""
    with heartbeat.changing() as beat:
        last, failed = (instant(beat.mail.get(name, "")) for name in ("reached", "unreached"))
        wait = AGAIN if failed and (not last or failed > last) else EVERY
        newest = max(filter(None, (last, failed)), default=None)
        if not settings.MAIL_HOST or (newest and abs(now - newest) < wait and not at_once):
            return
        at = heartbeat.stamp(
            now
        )  # what a clock noted that was ahead goes: it would count as the newest
        error = _refusal()
        beat.mail = {name: then for name, then in beat.mail.items() if then <= at}
        beat.mail |= {"unreached" if error else "reached": at}
        if (
            error or "refused" not in beat.mail
        ):  # why a notice was refused is said until one is taken
            beat.mail_error = error


def note(*, error: Exception | None, now: datetime, is_unsure: bool = False) -> None:
    """Write down that a notice could not be mailed, until the next one is; of the server itself only `ask` tells.

    `is_unsure`: the server had its text and then said nothing, so it may deliver it.
    """
    with heartbeat.changing() as beat:
        beat.mail.pop("refused", None)
        beat.mail.pop("unsure", None)
        if is_unsure:
            beat.mail["unsure"] = heartbeat.stamp(now)
        if error:
            beat.mail["refused"] = heartbeat.stamp(now)
            beat.mail_error = why(error)


def is_unsure(*, now: datetime) -> bool:
    """Return whether a notice went out within AGAIN of which nobody knows whether the mail server took it."""
    at = instant(heartbeat.read().mail.get("unsure", ""))
    return at is not None and abs(now - at) < AGAIN


def why(error: Exception) -> str:
    """Return at which step mail failed, with which server, and what it answered with its own code, on one line."""
    mailer: dict[str, Any] = settings.MAILERS["default"]
    port = mailer.get("OPTIONS", {}).get("port")
    server = f"{settings.MAIL_HOST}:{port}" if port else settings.MAIL_HOST
    answers: list[tuple[int, bytes | str]] = []
    if isinstance(error, SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    elif isinstance(error, SMTPRecipientsRefused):
        answers = [*error.recipients.values()]
    texts = [f"{code} {force_str(text, errors='replace')}" for code, text in answers]
    answer = " ".join(("; ".join(texts) or str(error)).split())
    step = next((name for kind, name in STEPS.items() if isinstance(error, kind)), "sending")
    return f"{step}, {server}: {answer or type(error).__name__}"


def _refusal() -> str:
    """Return why the server does not let us sign in or does not take sender and addressees, "" if it does.

    No message is sent.
    """
    backend: Any = mailers["default"]
    try:
        backend.open()
        server = backend.connection
        _require(server.mail(settings.DEFAULT_FROM_EMAIL))
        for address in {*operators(), state_files.profile().duty_email} - {""}:
            _require(server.rcpt(address))
        server.rset()
    except (OSError, SMTPException) as error:
        log.exception("the mail server does not accept our email")
        return why(error)
    finally:
        backend.close()
    return ""


def _require(answer: tuple[int, bytes]) -> None:
    """Raise SMTPResponseException if the server says no for good; for now, as greylisting does, is no reason."""
    code, text = answer
    if code >= REFUSES:
        raise SMTPResponseException(code, text)
