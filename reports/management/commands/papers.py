"""`manage.py papers FOLDER`: the papers that people sign before a place opens, from `docs/papers`.

A template has blanks. `{name|what to write}` becomes the fact of that name or, if there is none, an open point;
`{?|what to decide}`, `{?police|...}` and `{?fact|...}` always are one; `{name}` is always known. Each open point is of
one of three GROUPS. Of what a solicitor or a tester has to agree to, question and answer stand in the paper, and who
agreed stays open: an answer alone would look like advice that was taken.
"""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from core.place import LAW, Place
from reports import questions
from reports.domain import drafts, state_files
from reports.domain.health import releases
from reports.domain.intake import photos, unwatched_line
from reports.domain.maintenance import jobs, notices
from reports.domain.people import joining
from reports.domain.retention import schedule
from reports.domain.rights import DUTIES
from reports.domain.storage import deletion_records, lost_database
from reports.models import Recipient, Status
from reports.models.digests import KEPT_DAYS

TEMPLATES = settings.BASE_DIR / "docs" / "papers"
BLANK = re.compile(r"\{([\w.-]+|\?\w*)(?:\|((?:[^{}]|\{\w+\})*))?\}")
GROUPS = {  # of open points, by the blank that always is one: how a paper marks each, and how its head counts them
    "?": ("BEFORE OPENING", "before opening"),
    "?police": ("WITH THE POLICE", "with the police"),
    "?fact": ("FACT", "to fill in"),
}
# A point of these begins with who has to agree, such as “solicitor: ”.
ADVISED = {f"law.{name}" for name in LAW} | {"home_office"}
OF_THE_OPERATOR = ("address", "contact", "readers", "reading_days", "funding")


class Command(BaseCommand):
    """Write each paper into a folder, and say how many points of it are open."""

    help = "Write the papers that people sign before you open, such as the impact assessment, with what you have set."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Never replace a paper: someone may have written decisions into it."""
        folder = options["folder"].absolute()
        if settings.PLACE.problem:
            raise CommandError(settings.PLACE.problem)
        try:
            known = facts()
            unnumbered = {
                path: filled(path.read_text(encoding="utf-8"), known)
                for path in TEMPLATES.glob("*.md")
            }
            papers = {folder / path.name: paper for path, paper in counted(unnumbered).items()}
            if there := [path for path in papers if path.exists()]:
                raise CommandError(
                    f"{there[0]} is there already. Name a new folder: we replace no paper."
                )
            folder.mkdir(parents=True, exist_ok=True)
            for path, paper in sorted(papers.items()):
                path.write_text(paper, encoding="utf-8")
                self.stdout.write(f"{path}: {open_points(paper)}.")
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}.") from error
        except DatabaseError as error:
            try:
                lost_database.require()
            except lost_database.DatabaseLost as lost:
                raise CommandError(str(lost)) from lost
            raise CommandError(f"The database does not answer ({error}).") from error


def filled(template: str, known: dict[str, str]) -> str:
    """Return a template without blanks; KeyError for a name nobody knows."""

    def fill(blank: re.Match[str]) -> str:
        name, question = blank.groups()
        if known[name] and name not in ADVISED:
            return known[name]
        question = BLANK.sub(fill, question)
        mark, _ = GROUPS[_group(name, question)]
        if not known[name]:
            return f"**{mark}:** {question}".rstrip()
        adviser, asked = re.split(r":\s+", question, maxsplit=1)
        return f"{asked[0].upper()}{asked[1:]} “{known[name]}” **{mark}:** who agreed and when ({adviser})."

    return BLANK.sub(fill, template)


def _group(name: str, question: str) -> str:
    """Return the key in GROUPS of a blank that stays open."""
    if name in GROUPS:
        return name
    if name not in ADVISED:
        return "?fact"
    return "?police" if question.startswith("solicitor, with the police:") else "?"


def open_points(paper: str) -> str:
    """Return how many points of a paper are open, and how many of each group."""
    counts = {says: paper.count(f"**{mark}:**") for mark, says in GROUPS.values()}
    groups = ", ".join(f"{count} {says}" for says, count in counts.items())
    return f"{sum(counts.values())} open ({groups})"


def counted(papers: dict[Path, str]) -> dict[Path, str]:
    """Return the papers, by template, with the numbers of open points that they name, their own and each other's."""
    numbers = {_count_of(path): open_points(paper) for path, paper in papers.items()}
    counts = re.compile("|".join(map(re.escape, numbers)))
    return {
        path: counts.sub(lambda count: numbers[count[0]], paper) for path, paper in papers.items()
    }


def _count_of(path: Path) -> str:
    """Return what stands for a paper's number of open points until all are filled."""
    return f"{{open.{path.stem}}}"


def facts() -> dict[str, str]:
    """Return what fills the blanks, by name; "" for what stays open."""
    place = settings.PLACE
    profile = state_files.profile()
    today = timezone.localdate()
    operator = place.operator
    numbers = place.numbers
    recipients = Recipient.objects.order_by("name")
    if settings.DEMO:  # its names are invented, so they decide nothing
        operator = {}
        profile = state_files.Profile()
        recipients = recipients.none()
    known = {
        "place": place,
        "police": place.police,
        "site": ""
        if urlsplit(settings.SITE_ORIGIN).hostname == "127.0.0.1"
        else settings.SITE_ORIGIN,
        "today": f"{today.day} {today:%B %Y}",
        "version": releases.installed(),
        "regulator": numbers["data"].who,
        "regulator_number": numbers["data"],
        "emergency": numbers["emergency"],
        "emergency_who": numbers["emergency"].who,
        "anonymous_who": numbers["anonymous"].who,
        "asked": " / ".join(str(question.label) for question in questions.FIELDS),
        "areas": len(place.areas),
        "residents": f"{sum(area.residents for area in place.areas):,}",
        "pictures": photos.MAX_PICTURES,
        "figures_least": settings.FIGURES_LEAST,
        "outcome_least": settings.OUTCOME_LEAST,
        "review_months": schedule.REVIEW_MONTHS,
        "controller": ", ".join(
            operator[name] for name in ("controller", "body") if name in operator
        ),
        "safeguarding": profile.safeguarding,
        "safeguarding_adults": profile.safeguarding_adults,
        "duty": profile.duty,
        "police_tie": operator.get("police", ""),
        "recipients": ", ".join(recipients.values_list("name", flat=True)),
        "roles": "\n".join(
            "- **{}**:{}.".format(*str(duty).split(":", 1)) for duty in DUTIES.values()
        ),
        "deletion": _deletion(),
    }
    known |= dict.fromkeys(GROUPS, "")
    known |= {name: operator.get(name, "") for name in OF_THE_OPERATOR}
    known |= _answers(place)
    known |= {f"open.{path.stem}": _count_of(path) for path in TEMPLATES.glob("*.md")}
    known |= {f"days.{name}": days for name, days in _days().items()}
    texts = {name: str(fact or "") for name, fact in known.items()}
    return texts | {"columns": filled(_columns(), texts)}


def _answers(place: Place) -> dict[str, str]:
    """Return what place.toml answers."""
    answers = {f"law.{name}": place.law.get(name, "") for name in LAW}
    recipients = ", ".join(place.only_recipients or ())
    answers["home_office"] = recipients and f"Yes, while we tell {recipients} alone."
    return answers


def _days() -> dict[str, int]:
    """Return how long is kept what goes without anybody's decision."""
    kept = schedule.days_kept()
    spam = timedelta(days=kept[Status.SPAM])
    periods = {
        "late": schedule.LAST_DAY,
        "spam": spam,
        "spam_late": spam + schedule.LAST_DAY,
        "said": unwatched_line.SAID_AFTER,
        "closed": unwatched_line.CLOSED_AFTER,
        "drafts": drafts.KEPT,
        "invitations": joining.INVITED_FOR,
        "notices": notices.KEPT,
        "backups": deletion_records.KEPT,
        "sign_ins": jobs.STAFF_ADDRESSES_KEPT,
    }
    days = {name: period.days for name, period in periods.items()}
    return days | {"passed_on": kept[Status.PASSED_ON], "searches": KEPT_DAYS}


def _deletion() -> str:
    """Return the table of when tips are deleted, by status."""
    periods: dict[str, list[str]] = {}
    for status, rule in schedule.SCHEDULE.items():
        since = ""
        if rule and "confirmed" in rule.after:
            since = "the police confirmed it, or a call was looked at"
        kept = (
            f"never without a decision: team leads are asked every {schedule.REVIEW_MONTHS} months"
        )
        period = kept
        if rule:
            period = f"{rule.days} days after {since or 'the decision'}"
        periods.setdefault(period, []).append(str(status.label))
    rows = [f"{', '.join(labels)} | {period}" for period, labels in periods.items()]
    return "\n".join(["A tip that is | is deleted", "---|---", *rows])


def purposes() -> list[dict[str, Any]]:
    """Return the purposes for which columns are stored, each with those that are `sealed` and those in `clear`."""
    purposes: list[dict[str, Any]] = tomllib.loads(
        (TEMPLATES / "columns.toml").read_text(encoding="utf-8")
    )["kept"]
    return purposes


def _columns() -> str:
    """Return the rows of the table of all that is stored."""
    lines = []
    for row in purposes():
        sealed = "; ".join(row["sealed"]) or "nothing"
        clear = "; ".join(row["clear"]) or "nothing"
        lines.append(f"| {row['why']} | {sealed} | {clear} | {row['until']} |")
    return "\n".join(lines)
