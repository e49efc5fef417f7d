"""`manage.py doctor`: one page that says whether the site is well, or what to do."""

import platform
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from textwrap import indent
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.domain import state_files
from reports.domain.health import examination, heartbeat, mail, releases
from reports.domain.health.faults import CERTIFICATE, EXPLAINS
from reports.domain.maintenance import notices
from reports.domain.storage import lost_database

MARKS = {True: "good", False: "LOOK", None: "  - "}
PATIENCE = 10  # seconds for an answer of the site
# What the site is asked for, and what to do where it answers with anything but 200.
PAGES = {
    "/healthz": "Nobody can send a tip now. See whether it runs: systemctl status streetlight. If not, run: systemctl "
    "start streetlight.socket streetlight.service. If that fails: journalctl -u streetlight",
    "/report/": "Visitors cannot open the form. To see why, run: journalctl -u streetlight -u nginx",
    "/": "Readers cannot open the news. To see why, run: journalctl -u nginx. If it cannot read the files: "
    "chmod 711 {state}; chmod -R a+rX {state}/edition {state}/media",
}

NOT_YET_VALID = 9  # X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL
EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL
OTHER_CERTIFICATE = (
    "Check that the certificate is for the name in SITE_ORIGIN, and comes with its whole chain."
)


class ReportLine(NamedTuple):
    """One thing that was looked at: whether it is good (None: nobody looked), a sentence, and what to do."""

    good: bool | None
    says: str
    do: str = ""


NOT_YET = ReportLine(None, "Nothing else was checked. Fix this first, then run this again.")


class Command(BaseCommand):
    """Run all system checks and ask the site itself; end with 1 if something is to be done. Needs no database."""

    requires_system_checks = []
    help = "Say on one page whether the site works, or what to do. Also works while the database is down."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail", action="store_true", help="send a test email")
        parser.add_argument(
            "--failed", metavar="UNIT", help="for systemd: email that a unit failed, once a day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if unit := options["failed"]:
            self._tell(unit)
            return
        self.stdout.write(
            f"State of {settings.SITE_ORIGIN} on {socket.gethostname()}, {timezone.localtime():%d %b %Y, %H:%M}\n\n"
        )
        with suppress(
            OSError
        ):  # where it can be written down; the checks say what the mail server answers now
            mail.ask(now=timezone.now(), at_once=True)
        mailed = [_mailed()] if options["mail"] else []
        lines = [*_examined(), *mailed]
        for line in lines:
            self.stdout.write(f"{MARKS[line.good]}  {line.says}")
            if line.do:
                self.stdout.write(indent(line.do, " " * 6))
        problems = sum(line.good is False for line in lines)
        if problems:
            self.stdout.write(
                f"\nNeeds attention: {problems}. For more, see “When something is wrong” in docs/operations.md."
            )
            sys.exit(1)
        self.stdout.write("\nAll is well.")

    def _tell(self, unit: str) -> None:
        try:
            notices.mail_failure(unit=unit, now=timezone.now())
        except OSError as error:
            problem = f"No email was sent, because there is nowhere to note that it was ({error.strerror})."
            raise CommandError(problem) from error


def _examined() -> list[ReportLine]:
    """Return a line for each fault; where one explains the rest, that alone.

    Django's own of security follow from whether the site's address is https, which a check of ours looks at.
    """
    if state_files.awaits_restore():
        waits = ReportLine(
            False, "This server waits for a backup.", f"Run: {lost_database.restore_command()}"
        )
        return [waits, NOT_YET]
    faults = []
    explains_the_rest = False
    for message in examination.examine():
        if not str(message.id).startswith("security."):
            faults.append(ReportLine(False, examination.sentence(message), str(message.hint or "")))
            explains_the_rest = explains_the_rest or message.id in EXPLAINS
    if explains_the_rest:
        return [*faults, NOT_YET]
    versions = f"Django {django.get_version()}, Python {platform.python_version()}"
    runs = ReportLine(True, f"Streetlight {releases.installed()}, {versions}.")
    return [runs, *_site(), *(ReportLine(*sentence) for sentence in releases.sentences()), *faults]


def _site() -> Iterator[ReportLine]:
    """Yield how the site answers at its own address."""
    pages = list(PAGES) if settings.SITE_ROLE != "staff" else ["/healthz"]
    try:
        answers = {path: _status(path) for path in pages}
    except ssl.SSLCertVerificationError as error:
        is_of_time = error.verify_code in (NOT_YET_VALID, EXPIRED)
        do = CERTIFICATE.do if is_of_time else OTHER_CERTIFICATE
        yield ReportLine(
            False, f"Browsers refuse {settings.SITE_ORIGIN} ({error.verify_message}).", do
        )
        return
    except (OSError, HTTPException) as error:
        do = "Check that they run: systemctl status streetlight nginx"
        yield ReportLine(
            False, f"The site does not answer at {settings.SITE_ORIGIN} ({error}).", do
        )
        return
    for path, status in answers.items():
        if status != 200:
            do = PAGES[path].format(state=settings.STATE_DIR)
            yield ReportLine(False, f"{settings.SITE_ORIGIN}{path} answers with {status}.", do)
    if set(answers.values()) == {200}:
        yield ReportLine(True, f"People can send tips at {settings.SITE_ORIGIN}.")


def _status(path: str) -> int:
    """Return the status of the site's answer; raises OSError or HTTPException where there is none.

    This machine is asked first, under the site's name; behind a balancer, whoever has that name.
    """
    site = urlsplit(settings.SITE_ORIGIN)
    name = site.hostname or ""
    usual = 443 if settings.HTTPS else 80
    port = site.port or usual
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    except OSError:
        plain = socket.create_connection((name, port), timeout=PATIENCE)
    with plain:
        connection = HTTPConnection(name, port)
        connection.sock = _secured(plain, name) if settings.HTTPS else plain
        connection.request("GET", path, headers={"Host": site.netloc})
        return connection.getresponse().status


def _secured(plain: socket.socket, name: str) -> ssl.SSLSocket:
    """Return the connection under TLS, as a browser takes it: it is less strict than Python with an authority's own."""
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context.wrap_socket(plain, server_hostname=name)


def _mailed() -> ReportLine:
    to = ", ".join(mail.operators())
    if not to:
        return ReportLine(
            False,
            "There is no address to email.",
            "Set MAIL_OPERATOR, or name a duty contact in desk_profile.",
        )
    if notices.mail_operators():
        return ReportLine(
            True, f"The mail server accepted an email for {to}. Check that it arrives."
        )
    problem = f"The mail server did not accept an email for {to} ({heartbeat.read().mail_error})."
    return ReportLine(False, problem, "Check MAIL_HOST, MAIL_USER and MAIL_PASSWORD.")
