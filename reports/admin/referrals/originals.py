"""What senders wrote, beside our wording on a referral's page: to each member what they have read on the tip's page."""

from dataclasses import dataclass, field

from django.contrib.auth.models import User

from reports import questions
from reports.admin.tips.reading import Answer, received
from reports.domain.referrals import readings
from reports.domain.referrals.contents import Content, Report
from reports.domain.tips.opened_entry import OpenedEntry


@dataclass(frozen=True)
class Original:
    """One part of a tip: when it came, what its sender wrote, and what else they answered."""

    heading: str
    what: str = field(repr=False)
    answers: tuple[Answer, ...] = field(repr=False)


@dataclass(frozen=True)
class Originals:
    """The parts of a tip that a member has read, the newest first, and whether there is more that opens."""

    parts: tuple[Original, ...] = ()
    translated: str = field(default="", repr=False)
    has_more: bool = False
    must_read: bool = False  # before they approve


def of_content(content: Content, *, by: User) -> list[Originals]:
    """Return for each of a referral's tips what the member may see here of what its sender wrote.

    The caller has recorded that the referral is read; each text that this shows, the member has read before on the
    tip's own page. Nothing of a tip changes.
    """
    read = readings.up_to(tips=[report.tip for report in content.reports], by=by)
    return [
        _of(report, content, read=read.get(report.tip.reference, 0)) for report in content.reports
    ]


def _of(report: Report, content: Content, *, read: int) -> Originals:
    newest_first = sorted(report.texts, key=lambda entry: entry.row.position, reverse=True)
    shown = [entry for entry in newest_first if entry.row.position <= read]
    has_more = len(shown) < len(newest_first)
    return Originals(
        parts=tuple(_part(entry) for entry in shown),
        translated="" if has_more else report.translated,  # it may be of what they have not read
        has_more=has_more,
        must_read=read < content.to_read(report),
    )


def _part(entry: OpenedEntry) -> Original:
    others = [
        Answer(question.name, question.label, text)
        for question, text in questions.in_reading_order(entry.answers)
        if question.name != "what"
    ]
    return Original(_heading(entry), str(entry.answers.get("what") or ""), tuple(others))


def _heading(entry: OpenedEntry) -> str:
    names = {"tip": "Tip", "reply": "Message from the sender", "photos": "Pictures"}
    return f"{names[entry.kind]}, {received(entry.row)}"
