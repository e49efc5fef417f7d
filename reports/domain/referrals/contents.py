"""What a police referral says, and whether it may leave: built each time from its tips' latest texts and gradings.

The document is plain JSON. Canonical form: sorted keys, no spaces, UTF-8. `digest` of it is what is approved; the file
that is exported holds the document with its approvals, and its SHA-256 is what is printed and read out.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError

from reports import questions, who
from reports.domain import state_files
from reports.domain.audit import columns, findings
from reports.domain.audit.findings import Finding
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.keys import unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import (
    approvals,
    consent,
    denials,
    grading,
    leaks,
    own_words,
    translation,
)
from reports.domain.referrals.approvals import Typists
from reports.domain.referrals.grading import Grade
from reports.domain.referrals.own_words import LatestWording
from reports.domain.tips import asking, opening
from reports.domain.tips.metadata import monday
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import malicious, relations, triaging
from reports.domain.triage.relations import Sources
from reports.graphics import pdf
from reports.models import Entry, Referral, ReferralPicture, Status, Tip
from reports.text import who_somebody_is

ONE_SOURCE = Sources(1, compared=True)
FORMAT = "streetlight hand-over 1"
PHONE_FIRST = (
    "The sender could be guessed. Choose handling C, with the condition “Phone us before you act”."
)
WROTE_AGAIN = "The sender wrote again after this was approved."
NOT_KNOWN = "not known"  # when it happened
PURPOSE = "To prevent or detect crime, or to keep somebody safe"  # what it is for, where nobody wrote that
REVIEWED_AFTER = timedelta(days=365)  # from the day on which it was drafted
VICTIMS = {  # by the kind of a tip: whom a visit could hurt who did nothing
    "cuckooing": "Whoever lives there may be a victim",
    "children": "A child may be a victim",
}
ASKED = ("observed", "about")  # answers that no document has, and that those who approve rely on
HEARSAY = ("told", "people_say", "worked_out")  # answers of a sender who did not see it
# The typed boxes of a report in the document, by their keys there: no quote and no contact details of a sender may
# stand in any of them that is not `own_words.LatestWording.contact`. The danger is apart: there they are only named.
BOXES = {
    "text": "Our wording",
    "left_out": own_words.LEFT_OUT,
    "conditions": "Conditions",
    "contact": "Contact details",
    "happened": own_words.PRINTED["happened"],
    "who_could_be_hurt": own_words.PRINTED["hurt"],
    "borne_out_by": own_words.PRINTED["borne_out"],
    "purpose": own_words.PRINTED["purpose"],
}
WAITS = "Something else from this sender has come and cannot be read yet. Try again in a minute."


@dataclass(frozen=True)
class Report:
    """One tip as it would leave."""

    tip: Tip
    wording: LatestWording = field(repr=False)
    grade: Grade = field(repr=False)
    answer: str  # what the sender says about the police
    is_strict: bool  # so that our own words alone may leave
    broken: bool  # a part of the tip does not open, so nobody knows all that the sender says
    broken_later: bool  # ... and it came after our wording, as all such parts did
    swapped: bool  # its kind, area or week is not what its entries say
    entries: int  # how many had come
    waits: bool  # something from its sender has come and can be taken in, but is not yet
    may_phone: bool  # the sender chose to be phoned or emailed
    needs_team_lead: bool  # an answer is open, or not all of it was sent with the same seven words
    typists: frozenset[str]  # who typed it for its sender
    contact: str = field(repr=False)  # the sender's own, to compare with what leaves
    texts: tuple[OpenedEntry, ...] = field(
        default=(), repr=False
    )  # all that opens, without contact details
    translated: str = field(
        default="", repr=False
    )  # what they say in English, where a member wrote that down
    marked_by: str = ""  # who marked it “possibly malicious”, if it is
    pictures: tuple[ReferralPicture, ...] = ()  # chosen for the referral
    with_pictures: tuple[tuple[Entry, int], ...] = ()  # entries with pictures, and how many
    known_by: str = (
        ""  # how the sender knows it, as the form has it; "" where no text says, or two differ
    )
    guessable: str = (
        ""  # whether the sender could be guessed: yes, unsure, no, or "" where nothing was said
    )
    denied_by: str = ""  # who said that it denies what others say, if it does

    later: bool = False  # something came that the writer of our wording did not have before them

    @property
    def agreed(self) -> str:
        """Return in words whether the sender lets the police be told: a key of `pdf.AGREED`."""
        if self.answer == consent.UNSAID and not self.is_strict:
            return "not each time"
        return consent.in_words(self.answer)


@dataclass(frozen=True)
class Content:
    """A referral as it stands now: its document, and what must be done before it leaves."""

    referral: Referral
    document: dict[str, Any] = field(repr=False)
    reports: tuple[Report, ...]
    danger: str = field(repr=False)
    doubts: tuple[Finding, ...] = ()  # what is not as the log says, of the referral and of its tips
    ground: str = field(default="", repr=False)  # a key of `consent.Ground`, or ""
    corrects: str = ""  # the reference of a referral that left, which this one corrects
    changed: str = field(default="", repr=False)  # ... and what has changed since
    sources: Sources = ONE_SOURCE  # of its tips, as members judged them
    borne_out: frozenset[UUID] = frozenset()  # the keys of tips that another of its tips bears out
    why_it_goes: str = field(
        default="", repr=False
    )  # who wrote why a doubtful one goes, and what they wrote
    since_approved: tuple[
        str, ...
    ] = ()  # what the document would say otherwise today, had a danger not fixed it

    @property
    def ground_in_words(self) -> str:
        """Return the ground as the desk's pages write it; "" where none was written down."""
        return consent.ground_in_words(self.ground)

    @cached_property
    def grounds(self) -> tuple[consent.Ground, ...]:
        """Return the grounds that may be named for all of its tips."""
        return consent.grounds_for([report.tip for report in self.reports])

    @property
    def digest(self) -> str:
        """Return what is approved: SHA-256, in hex, of the document in canonical form, and of what was read for it."""
        read = [[report.wording.position, *report.wording.aside] for report in self.reports]
        approved: dict[str, Any] = {"document": self.document, "read": read}
        if not self.ground:
            approved["answers"] = [_asked(report) for report in self.reports]
        if self.why_team_lead:
            approved["doubts"] = self.why_team_lead
        return sha256(canonical(approved))

    @property
    def needs_team_lead(self) -> bool:
        """Return whether a team lead must be among those who approve."""
        return any(report.needs_team_lead for report in self.reports) or bool(self.why_team_lead)

    @property
    def why_team_lead(self) -> list[str]:
        """Return what makes it doubtful, so that it goes only with a team lead's sentence; a danger asks for none."""
        return [] if self.ground else self.doubtful

    @cached_property
    def doubtful(self) -> list[str]:
        """Return what of its tips may be wrong or made up, a sentence each."""
        lines = [
            f"{report.tip.reference}: {line}"
            for report in self.reports
            for line in _doubtful(report)
        ]
        did_not_see = all(report.known_by in HEARSAY for report in self.reports)
        may_be_one = self.sources.most < 2 or not self.sources.compared
        if self.reports and did_not_see and may_be_one:
            lines.append("It may rest on one source alone, who did not see it.")
        return lines

    def asked(self, report: Report) -> list[str]:
        """Return the names of the answers that a tip still lacks before anybody approves; a danger asks for none."""
        needed = [*ASKED, "hurt"]
        if self.lacks_second_source(report):
            needed.append("borne_out")
        return (
            [] if self.ground else [name for name in needed if not report.wording.answers.get(name)]
        )

    def lacks_second_source(self, report: Report) -> bool:
        """Return whether letter B needs a sentence on what else bears it out: no other tip of the referral does."""
        return report.grade.information == "B" and report.tip.pk not in self.borne_out

    @property
    def typists(self) -> Typists:
        """Return who typed which of its tips for a sender, by name."""
        return {report.tip: report.typists for report in self.reports}

    @cached_property
    def senders_pieces(self) -> leaks.Pieces:
        """Return what counts as a quote of any of its senders who let only our own words leave."""
        strict = [report for report in self.reports if report.is_strict]
        words = (
            own_words.senders_words(report.texts, translated=report.translated) for report in strict
        )
        return leaks.pieces(chain.from_iterable(words))

    def to_read(self, report: Report) -> int:
        """Return up to which position those who approve must have read a tip: all that opens.

        Of the tip that the danger is about, what had come when our wording was saved, and its first text at least.
        """
        texts = report.texts
        if self.ground_overrides(report):
            texts = tuple(own_words.up_to(max(report.wording.position, 1), texts))
        return own_words.newest(texts)

    def ground_overrides(self, report: Report) -> bool:
        """Return whether the danger is about this tip, so that nothing that came later keeps it here."""
        return bool(self.ground) and report.answer == consent.NO

    @cached_property
    def hindrances(self) -> list[str]:
        """Return what keeps it from being approved or leaving, a sentence each."""
        if not self.reports:
            return ["This referral is empty, because its tips were deleted. Withdraw it."]
        by_tip = list[tuple[Report, list[str]]]()
        for report, document in zip(self.reports, self.document["reports"], strict=True):
            by_tip.append((report, list(_problems(self, report, typed(document)))))
        problems = [doubt.sentence for doubt in self.doubts]
        problems += filter(None, [consent.against_ground(self.ground, grounds=self.grounds)])
        problems += consent.against_sharing(report.answer for report in self.reports)
        problems += against_changed(self)
        problems += _apart(self, held={report.tip for report, found in by_tip if found})
        return problems + [
            f"{report.tip.reference}: {problem}" for report, found in by_tip for problem in found
        ]

    @property
    def warnings(self) -> list[str]:
        """Return what keeps nothing here and must be said: quotes in the danger, and what came since our wording.

        What came later keeps nothing here of a tip that the danger is about, or once it has left.
        """
        approved = self.referral.approvals.exists()
        sent = self.referral.status not in approvals.UNSENT
        lines: list[tuple[Tip, Any]] = []
        for report in self.reports:
            if (report.later or report.broken_later) and self.ground_overrides(report):
                lines += [
                    (
                        report.tip,
                        "The sender wrote again after our wording. If you can, read it first.",
                    )
                ]
            elif report.later and approved:
                lines += [(report.tip, WROTE_AGAIN)]
            if report.waits and (self.ground_overrides(report) or sent):
                lines += [(report.tip, WAITS)]
        quoted = (
            "The danger copies a sender who lets only our own words leave: “%(quote)s”. It can leave like this. If "
            "there is time, write it in other words."
        )
        quotes = [
            quoted % {"quote": quote}
            for quote in leaks.quotes_among(self.danger, self.senders_pieces)
        ]
        if not sent:
            lines += [
                (report.tip, PHONE_FIRST) for report in self.reports if _lacks_handling_c(report)
            ]
            quotes += self._since_approved()
            quotes += self.doubtful if self.ground else []
        return quotes + [f"{tip.reference}: {line}" for tip, line in lines]

    def _since_approved(self) -> list[str]:
        """Return what has changed since somebody approved: without a danger their approval does not count any more."""
        if self.since_approved:
            changed = "; ".join(self.since_approved)
            still = (
                "The referral still says what was approved. To send what it says today, save the danger again. It must "
                "then be approved again."
            )
            return [f"This has changed since it was approved: {changed}. {still}"]
        if self.referral.approvals.exclude(digest=self.digest).exists():
            return [
                "This referral has changed since it was approved, so it must be approved again."
            ]
        return []


def content(*, referral: Referral, keys: Keys) -> Content:
    """Return a referral as it stands now. The caller records that it is read before anything of it is shown."""
    inside = sealed_content(referral, keys=keys)
    chosen = list(referral.pictures.select_related("entry__tip", "chosen_by", "approved_by"))
    reports = tuple(
        _report(part.tip, chosen, keys) for part in referral.parts.select_related("tip")
    )
    denied = denials.marked(tips=[report.tip for report in reports], keys=keys)
    reports = tuple(replace(report, denied_by=denied.get(report.tip.pk, "")) for report in reports)
    tips = [report.tip for report in reports]
    sources = relations.between(tips=tips, denied=denied)
    document: dict[str, Any] = {
        "format": FORMAT,
        "referral": referral.reference,
        "from": _sender(),
        "drafted": referral.since.isoformat(),
        "review": (referral.since + REVIEWED_AFTER).isoformat(),
        "salt": inside["salt"],
        "danger": inside["danger"],
        "reports": [
            _document(number, report, keys) for number, report in enumerate(reports, start=1)
        ],
    }
    if settings.PLACE.marking:
        document["marking"] = settings.PLACE.marking
    if len(reports) > 1:
        document["sources"] = sources._asdict()
    if inside["ground"]:
        document["ground"] = inside["ground"]
    since_approved: tuple[str, ...] = ()
    if inside["ground"] and inside.get("fixed") and referral.approvals.exists():
        since_approved = _fix(document, reports, fixed=json.loads(inside["fixed"]))
    corrects = inside.get("corrects", "")
    changed = inside.get("changed", "")
    if corrects:
        document["corrects"] = {"referral": corrects, "changed": changed}
    findings = tuple(doubts(referral=referral, keys=keys))
    borne_out = frozenset(relations.borne_out(tips=tips, denied=denied))
    beside = {"sources": sources, "borne_out": borne_out, "why_it_goes": inside.get("why", "")}
    beside |= {"since_approved": since_approved}
    ground = inside["ground"]
    return Content(
        referral, document, reports, inside["danger"], findings, ground, corrects, changed, **beside
    )


FIXED = (*pdf.PRINTED,)  # of a report: what a danger keeps as it was at the first approval


def fixed(content: Content) -> str:
    """Return what a danger keeps as it is at the first approval, for `_fix`: a later change only warns."""
    documents = zip(content.reports, content.document["reports"], strict=True)
    facts = {report.tip.reference: _facts(document) for report, document in documents}
    return json.dumps({"sources": content.document.get("sources"), "reports": facts})


def _facts(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in FIXED if name in document}


def _fix(
    document: dict[str, Any], reports: Iterable[Report], *, fixed: dict[str, Any]
) -> tuple[str, ...]:
    """Put what was `fixed` back into a document, and return in words what it would say otherwise today."""
    changed = list[str]()
    for report, its_document in zip(reports, document["reports"], strict=True):
        today = _facts(its_document)
        then = fixed["reports"].get(report.tip.reference, {})
        for name in FIXED:
            if today.get(name) != then.get(name):
                changed.append(f"{report.tip.reference}, {pdf.PRINTED[name].lower()}")
            its_document.pop(name, None)
        its_document.update(then)
    if document.get("sources") != fixed["sources"]:
        changed.append("the number of sources")
    if fixed["sources"]:
        document["sources"] = fixed["sources"]
    return tuple(changed)


def sealed_content(referral: Referral, *, keys: Keys) -> dict[str, Any]:
    """Return what is sealed in a referral: the salt, a ground and its reason, and what it corrects, if it does.

    Also why a doubtful one goes, and what a danger keeps as it was at the first approval.
    """
    shape: dict[str, Any] = dict.fromkeys(("salt", "ground", "danger"), str)
    shape |= dict.fromkeys(("corrects", "changed", "why", "fixed"), str | None)
    return unsealed.content(referral, keys=keys, **shape)


def doubts(*, referral: Referral, keys: Keys) -> list[Finding]:
    """Return what of a referral and of its tips is not as the log says: none of it leaves."""
    tips = [part.tip for part in referral.parts.select_related("tip")]
    return findings.compare(
        columns.of_referrals([referral]) | columns.of_tips(tips), proof=keys.audit_keys
    )


def _sender() -> dict[str, str]:
    """Return who sends it; without a number it is left out, so that what was approved before stays as it was."""
    operator = who.operator()
    phone = state_files.profile().phone
    sender = {"name": str(operator["controller"]), "contact": str(operator.get("contact", ""))}
    if phone:
        sender["phone"] = phone
    return sender


def canonical(document: dict[str, Any]) -> bytes:
    """Return a document in its one form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair, which a phone can send


def sha256(data: bytes) -> str:
    """Return a SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _report(tip: Tip, chosen: list[ReferralPicture], keys: Keys) -> Report:
    waits = outbox.can_take_in(
        tip.lookup
    )  # before the entries: what is taken in meanwhile is one of the two
    entries = opening.open_all(tip=tip, keys=keys)
    wording = own_words.latest(tip=tip, keys=keys, entries=entries)
    broken = [entry.row.position for entry in entries if entry.kind == "broken"]
    return Report(
        tip=tip,
        wording=wording,
        grade=grading.latest(tip=tip, keys=keys),
        answer=consent.police(entries),
        is_strict=consent.strict(entries),
        broken=bool(broken),
        broken_later=bool(broken) and min(broken) > wording.position > 0,
        swapped=opening.facts_differ(tip, entries)
        or monday(tip.received) not in {monday(entry.row.received) for entry in entries},
        entries=len(entries),
        waits=waits,
        may_phone=asking.may_phone(entries),
        needs_team_lead=consent.needs_team_lead(entries),
        typists=consent.typists(entries),
        contact=" \n".join(str(entry.answers.get("contact_details") or "") for entry in entries),
        pictures=tuple(picture for picture in chosen if picture.entry.tip_id == tip.pk),
        with_pictures=tuple((entry.row, entry.pictures) for entry in entries if entry.pictures),
        later=wording.version > 0 and own_words.newest(entries) > wording.position,
        texts=tuple(opening.without_contact(entry) for entry in entries if entry.kind != "broken"),
        translated=translation.text(tip=tip, keys=keys),
        marked_by=malicious.marked_by(tip=tip),
        known_by=_only_answer(entries),
        guessable=_guessable(entries),
    )


def _only_answer(entries: list[OpenedEntry]) -> str:
    """Return how the sender knows it; "" where no text says, two differ, or somebody else may have written one."""
    if not asking.has_one_holder(entries):
        return ""
    answers = {
        str(entry.answers.get("source") or "") for entry in entries if entry.kind == "tip"
    } - {""}
    return answers.pop() if len(answers) == 1 else ""


def _guessable(entries: list[OpenedEntry]) -> str:
    """Return the most careful answer whether the sender could be guessed; a "no" only of one sender alone."""
    answers = {
        str(entry.answers.get("guessable") or "") for entry in entries if entry.kind == "tip"
    }
    if "no" in answers and not asking.has_one_holder(entries):
        answers.discard("no")
    return next((answer for answer in ("yes", "unsure", "no") if answer in answers), "")


def _asked(report: Report) -> list[str | None]:
    return [report.wording.answers.get(name) for name in ASKED]


def how_known(report: Report) -> str:
    """Return how the sender knows it, in the form's words; "" where that could tell who the sender is.

    A member's judgement that nobody could guess them does not count against the sender's own "yes".
    """
    nobody_could_guess = report.guessable == "no" or bool(report.wording.answers.get("unguessable"))
    if report.answer == consent.NO or report.guessable == "yes" or not nobody_could_guess:
        return ""
    return (
        "" if report.known_by in ("", "rather_not") else questions.label("source", report.known_by)
    )


def _doubtful(report: Report) -> Iterator[str]:
    """Yield what makes one tip doubtful."""
    if report.grade.source == "3" or report.grade.information == "E":
        yield f"It is graded {report.grade.source}{report.grade.information}, so it may not be true."
    if report.marked_by:
        yield f"{report.marked_by} marked it as possibly malicious."


def _lacks_handling_c(report: Report) -> bool:
    return report.guessable == "yes" and report.grade.complete and report.grade.handling != "C"


def names_who_somebody_is(report: Report) -> list[str]:
    """Return the words of our wording about origin, faith or poverty."""
    return who_somebody_is.find(own_words.without_headings(report.wording.text))


def _document(number: int, report: Report, keys: Keys) -> dict[str, Any]:
    grade = report.grade
    answers = report.wording.answers
    optional = {
        "how_known": how_known(report),
        "who_could_be_hurt": answers.get("hurt"),
        "possible_victim": VICTIMS.get(report.tip.category),
        "borne_out_by": answers.get("borne_out"),
    }
    return {
        "number": number,
        "text": report.wording.text,
        "left_out": report.wording.removed,
        "contact": report.wording.contact,
        "kind": questions.label("kind", report.tip.category),
        "area": questions.label("area", report.tip.area),
        "week": report.tip.received.isoformat(),
        "sender_agreed": report.agreed,
        "suggested_grading": {
            "source": grade.source,
            "information": grade.information,
            "handling": grade.handling,
            "conditions": grade.conditions,
        },
        "pictures": [_jpeg(picture, keys) for picture in report.pictures],  # JPEG in base64
        "happened": answers.get("happened") or NOT_KNOWN,
        "purpose": answers.get("purpose") or PURPOSE,
        **{name: text for name, text in optional.items() if text},
    }


def _jpeg(picture: ReferralPicture, keys: Keys) -> str:
    return base64.b64encode(
        opening.picture_held(entry=picture.entry, number=picture.number, keys=keys)
    ).decode()


def _problems(whole: Content, report: Report, boxes: dict[str, str]) -> Iterator[str]:
    """Yield what keeps one report from leaving, first what the sender forbids: no work on the tip mends that.

    `boxes` are its typed texts in the document.
    """
    wording = report.wording
    grade = report.grade
    yield from consent.against_referral(
        report.answer,
        is_strict=report.is_strict,
        ground=whole.ground,
        quotes=wording.quotes,
        pictures=bool(report.pictures),
        contact=bool(wording.contact),
        may_phone=report.may_phone,
        grounds=whole.grounds,
    )
    yield from _copied(whole, report, boxes)
    yield from _problems_of_tip(whole, report)
    yield from _problems_of_wording(whole, report)
    if not grade.complete:
        yield "Grade it first. Choose what the information is worth, and a handling code."
    if any(picture.approved_by_id is None for picture in report.pictures):
        yield "A second person must approve each picture."
    beside = "\n\n".join([*(each.grade.conditions for each in whole.reports), whole.danger])
    if any(leak.kind == "contact" for leak in leaks.find(beside, contact=report.contact)):
        yield "The conditions or the danger include some of the sender’s contact details. Remove them."


def typed(document: dict[str, Any]) -> dict[str, str]:
    """Return the typed texts of a report in the document, by the keys of BOXES."""
    boxes = document | {"conditions": document["suggested_grading"]["conditions"]}
    return {key: boxes[key] for key in BOXES if boxes.get(key)}


def _copied(whole: Content, report: Report, boxes: dict[str, str]) -> Iterator[str]:
    """Yield what a box quotes of any sender who lets only our own words leave, unless the tip says so already."""
    wording = report.wording
    said = wording.quotes if report.is_strict else ()
    boxes = boxes | {"text": own_words.without_headings(boxes.get("text", ""))}
    message = "“%(box)s” copies a sender who lets only our own words leave. Rewrite these words: “%(quote)s”"
    for box, text in boxes.items():
        for quote in leaks.quotes_among(text, whole.senders_pieces):
            if quote not in said:
                yield message % {"box": BOXES[box], "quote": quote}


def _apart(whole: Content, *, held: set[Tip]) -> Iterator[str]:
    """Yield how the tip that the danger is about leaves without the others, where one of them keeps this here."""
    endangered = {report.tip for report in whole.reports if whole.ground_overrides(report)}
    if len(endangered) == 1 and held - endangered:
        yield (
            f"{endangered.pop().reference} does not have to wait for the other tips. If the danger cannot wait, draft "
            "a police referral of that tip alone, with the same danger."
        )


def against_changed(whole: Content) -> Iterator[str]:
    """Yield what is wrong with the sentence that says what has changed since the referral that this one corrects."""
    contact = "\n\n".join(report.contact for report in whole.reports)
    if any(leak.kind == "contact" for leak in leaks.find(whole.changed, contact=contact)):
        yield "What has changed includes some of the sender’s contact details. Remove them."
    message = "A sender lets only our own words leave. Write what has changed in your own words: “%(quote)s”"
    for quote in leaks.quotes_among(whole.changed, whole.senders_pieces):
        yield message % {"quote": quote}


def _problems_of_tip(whole: Content, report: Report) -> Iterator[str]:
    """Yield what is wrong with the tip itself."""
    if report.broken and not (whole.ground_overrides(report) and report.broken_later):
        yield "We cannot read one part of this tip, so we do not know all that its sender said. Tell a team lead."
    if report.swapped:
        yield "Someone changed its kind, area or week outside Streetlight. Tell a team lead."
    if not movable(report.tip):
        yield "Its status cannot change to “Passed to the police”. Change it to “Undecided” first."


def _problems_of_wording(whole: Content, report: Report) -> Iterator[str]:
    """Yield what is wrong with our wording, and what its writer did not have before them.

    A danger lets only the tip leave unread that it is about; of a "no" without one that alone is said.
    """
    if not report.wording.version:
        yield "Write our wording first."
    if report.later and report.answer != consent.NO:
        yield "The sender wrote again. Read it on the tip’s page, and say there whether our wording holds."
    if report.waits and not whole.ground_overrides(report):
        yield WAITS
    if report.wording.open:
        yield "Something in our wording could show who sent it. Remove it, or say why it can stay."


def movable(tip: Tip) -> bool:
    """Return whether a tip is passed on, or is where it can be from."""
    return tip.status == Status.PASSED_ON or tip.status in triaging.PASSED_FROM


def take_in() -> None:
    """Take in what has come: before any transaction, as it commits by itself. What fails waits (`Report.waits`)."""
    with suppress(OSError, DatabaseError):
        outbox.drain()


def require_nothing_new(content: Content) -> None:
    """Refuse where something came from a sender since this content was built, unless the danger is about their tip."""
    tips = [
        (report.tip, report.entries)
        for report in content.reports
        if not content.ground_overrides(report)
    ]
    if any(
        outbox.can_take_in(tip.lookup) or tip.entries.count() != entries for tip, entries in tips
    ):
        raise Refused("A sender has just written again, so nothing was exported. Read it first.")


def require_answered(content: Content) -> None:
    """Refuse a referral whose tips lack an answer that is asked for before anybody approves."""
    if lacking := [report.tip.reference for report in content.reports if content.asked(report)]:
        raise Refused(
            f"Answer the questions first, below each of these tips: {', '.join(lacking)}."
        )


def require_open(content: Content) -> None:
    """Refuse a referral that something keeps from leaving, with everything that does."""
    if content.hindrances:
        raise Refused(" ".join(content.hindrances))
