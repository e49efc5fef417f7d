"""The tip page: everything that a caseworker needs to decide, on one page that works locked and unlocked.

It has one section a subject. A section only shows: what its buttons do are acts (`reports/admin/tips/acts.py`) or
pages of their own.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone

from core.rights import needs
from core.sent import sent_text
from core.text import plural
from reports import questions
from reports.admin.pages import lock, page_drafts, what_was_done
from reports.admin.pages.actions import Attempt
from reports.admin.pages.history import history_lines, in_words
from reports.admin.tips import do_now, police, signs, tip_forms
from reports.admin.tips.reading import (
    Care,
    Part,
    care,
    follows,
    language,
    originals,
    parts,
    problem_of,
    received,
)
from reports.domain import enquiries, state_files
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import (
    changed_answer,
    consent,
    contents,
    denials,
    grading,
    own_words,
    translation,
    urgent_calls,
)
from reports.domain.retention import closed_pictures, schedule
from reports.domain.rights import (
    REFER,
    REVEAL_CONTACT,
    RUN_DESK,
    TRIAGE_TIP,
    VIEW_ENQUIRY,
    VIEW_REFERRAL,
    VIEW_TIP,
)
from reports.domain.tips import asking, opening
from reports.domain.triage import at_end, relations, safety, stuck, triaging, undoing
from reports.domain.triage.queue import PAGE
from reports.models import (
    AuditAct,
    AuditEvent,
    Enquiry,
    Hold,
    Referral,
    ReferralState,
    ReplyTemplate,
    SafetyDecision,
    Status,
    Tip,
    UrgentCall,
)
from reports.models.tips import UNDECIDED
from reports.text import commonest

QUEUE_PAGE = "walk"
KEYS_OFF = "keys-off"
# Whose boxes the page marks.
MARKED = (
    "write",
    "own-safety",
    "wording",
    "grade",
    "aside",
    "translate",
    "call",
    "change-answer",
    "undo-answer",
)
# The parts of each fold, by the name that `?open=` has.
FOLDS = {
    "ask": ("talk", "changed_answer", "contact"),
    "police": ("grading", "own_words", "call", "left"),
    "keeping": ("retention",),
}
HISTORY = 200  # events that the page looks at; repeated ones are shown as one


def remember(request: HttpRequest, tips: Iterable[Tip]) -> None:
    """Keep a page's tips in their order; the sealed session is written only when they are others than before."""
    seen = [str(tip.pk) for tip in tips]
    if request.session.get(QUEUE_PAGE) != seen:
        request.session[QUEUE_PAGE] = seen


def neighbours(request: HttpRequest, tip: Tip) -> dict[str, str]:
    """Return where the tips before and after this one are; none where the member's page of the queue has no such."""
    listed = request.session.get(QUEUE_PAGE, [])
    if str(tip.pk) not in listed:
        return {}
    at = listed.index(str(tip.pk))
    beside = {}
    if at > 0:
        beside["earlier"] = address(listed[at - 1])
    if at + 1 < len(listed):
        beside["later"] = address(listed[at + 1])
    return beside


def address(pk: Any) -> str:
    """Return the address of a tip's page."""
    return reverse("admin:reports_tip_change", args=[pk])


@needs(post=VIEW_TIP)
def switch_keys(request: HttpRequest) -> HttpResponse:
    """Turn the single keys off for this session, or on again: speech input types letters that nobody meant."""
    request.session[KEYS_OFF] = sent_text(request.POST, "single_keys") == "off"
    return redirect(lock.safe_next(request, default=reverse("admin:reports_tip_changelist")))


def keys_off(request: HttpRequest) -> bool:
    """Return whether the member has turned the single keys off."""
    return bool(request.session.get(KEYS_OFF))


def show(request: HttpRequest, tip: Tip, attempt: Attempt | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the reading is recorded first; without them nothing is opened."""
    tip_page = TipPage(request, tip, attempt)
    return TemplateResponse(
        request, "admin/reports/tips/tip.html", tip_page.context(), status=tip_page.status
    )


class TipPage:
    """A tip's page for the member who asks, and an act on it that did not go through.

    On an unlocked desk it has `keys` and the `reading`, which is on the record by then. Each section is what its
    template needs, as `section.<name>`; None leaves it out.
    """

    def __init__(self, request: HttpRequest, tip: Tip, attempt: Attempt | None = None) -> None:
        """Read the tip, and look for what the member typed here and did not save."""
        self.request = request
        self.tip = tip
        self.attempt = attempt
        self.user = cast("User", request.user)
        self.keys = lock.keys_of(request)
        self.seen = staleness.now()
        if attempt:
            tip.refresh_from_db(fields=["status", "assignee"])
        self.problem = ""
        self.status = HTTPStatus.OK
        self.drew_attempt = False
        read_before = tip.parts_read
        self.reading = self._read()
        self.parts: list[Part] = []
        self.position = 0
        if self.reading is None:
            self.keys = None
        else:
            self.parts = parts(self.reading, read=read_before)
            self.position = own_words.newest(self.reading.entries)
        self.later = False
        self.child_untold = False
        self.language = ""
        self.translated = ""
        self.grounds = consent.grounds_for([tip])
        if attempt and self.status != HTTPStatus.OK:
            attempt.form.errors.clear()  # a refusal may quote what could not be read on the record
        self.draft = page_drafts.for_page(request, target=f"tip:{tip.pk}", tip=tip, keys=self.keys)

    def _read(self) -> opening.Reading | None:
        """Return the reading; one that cannot be recorded shows nothing."""
        if self.keys is None:
            return None
        try:
            reading = opening.read(tip=self.tip, by=self.user, keys=self.keys)
        except Refused as refusal:
            self.problem = str(refusal)
            return None
        except DatabaseError:
            self.status = HTTPStatus.SERVICE_UNAVAILABLE
            self.problem = (
                "We could not record that you read this tip, so we do not show it. Try again, or "
                "tell a team lead."
            )
            return None
        self.problem = problem_of(reading)
        return reading

    def context(self) -> dict[str, Any]:
        """Return all that the page's template needs."""
        tip = self.tip
        appeal = state_files.form_state().appeals.get(self.tip.appeal)
        sections = self._sections()
        its_care = self._care(sections) if self.reading else None
        now = do_now.section(self, its_care, sections)
        call = self.call(now)  # before the feedback: which forms were drawn counts there
        if call:
            sections["call"] = call
        feedback = self._feedback(sections)
        locked = ""
        victim = ""
        if self.reading:
            victim = contents.VICTIMS.get(tip.category, "")
        else:
            locked = self._locked(sections)
        context = lock.page(self.request, title=f"Tip {tip.reference}")
        context |= {
            "tip": tip,
            "attempt": self.attempt,
            "draft": self.draft,
            "neighbours": neighbours(self.request, tip),
            "keys_off": keys_off(self.request),
            "problem": self.problem,
            "reading": self.reading,
            "parts": self.parts,
            "care": its_care,
            "safeguarding": state_files.profile().safeguarding,
            "safeguarding_adults": state_files.profile().safeguarding_adults,
            "now": now,
            "can_record": call is not None and not call["is_in_now"],
            "police": police.steps(sections),
            "folds": self._folds(sections, feedback["feedback"]),
            "next": address(tip.pk),
            "passphrase_form": lock.PassphraseForm(),
            "sections": sections,
            **feedback,
            "locked": locked,
            "received": received(tip),
            "urgency": signs.alarm(tip),
            "has_it": signs.has_it(tip, user=self.user),
            "kind": questions.label("kind", tip.category),
            "victim": victim,
            "area": questions.label("area", tip.area),
            "appeal": appeal.title if appeal else tip.appeal,
        }
        return context

    def _locked(self, sections: Mapping[str, Any]) -> str:
        """Return what of the tip is locked, as a sentence."""
        arrivals = self.tip.entries.count()
        notes = (sections.get("notes") or {"count": 0})["count"]
        messages = plural(arrivals, f"{arrivals} locked message", f"{arrivals} locked messages")
        written = plural(notes, f"{notes} locked note", f"{notes} locked notes")
        return f"{messages} from the sender, {written}."

    def _care(self, sections: Mapping[str, Any]) -> Care:
        """Return what to bear in mind, and what was done about it, as far as the member may know that."""
        calls = [
            (call["row"], call["content"]) for call in sections.get("calls", {}).get("calls", ())
        ]
        decisions = [line["content"] for line in sections.get("safety", {}).get("rows", ())]
        entries = cast("opening.Reading", self.reading).entries
        return care(entries, calls=calls, decisions=decisions, allowed=self.grounds)

    def _folds(self, sections: Mapping[str, Any], said: Any) -> dict[str, bool]:
        """Return which folds are open: the one asked for, and those with a draft, a refusal or what was just done."""
        asked = sent_text(self.request.GET, "open")
        section = said["section"] if said else ""
        needed = {section}
        for name, part in sections.items():
            if part.get("open") is True or part.get("broken"):
                needed.add(name)
        folds = {}
        for name, its_parts in FOLDS.items():
            is_needed = not needed.isdisjoint(its_parts)
            folds[name] = is_needed or name == asked
        return folds

    def _feedback(self, sections: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the last act led to, for the section that it belongs to, and the messages that belong to none.

        A section "" stands above them all.
        """
        all_messages = list(messages.get_messages(self.request))
        section = next(
            (message.extra_tags for message in all_messages if message.extra_tags in sections), ""
        )
        said = [message for message in all_messages if section and message.extra_tags == section]
        lines = list(map(str, said))
        warns = any(message.level >= messages.WARNING for message in said)
        refused = False
        if self.attempt is not None and self.attempt.refused:
            refused = True
            section = ""
            if self.attempt.section in sections:
                section = self.attempt.section
            lines += self._without_repeats(self.attempt)
        report = None
        if lines:
            report = {
                "section": section,
                "lines": lines,
                "refused": refused,
                "warns": refused or warns,
            }
        others = [
            message for message in all_messages if not section or message.extra_tags != section
        ]
        return {"feedback": report, "messages": others}

    def _without_repeats(self, attempt: Attempt) -> list[str]:
        """Return what a refused act's form says, but for what the page shows beside the boxes of that form."""
        form = attempt.form
        marks_boxes = attempt.action in MARKED and self.drew_attempt
        lines: list[str] = []
        for name, errors in form.errors.items():
            field = form.fields.get(name)
            is_beside_box = marks_boxes and field is not None and not field.widget.is_hidden
            if not is_beside_box:
                lines += map(str, errors)
        return lines or ["Change what is marked below, then press the button again."]

    def _sections(self) -> dict[str, dict[str, Any]]:
        """Return the sections that there are, by the names that the template has: those of their methods."""
        methods = (  # in the order in which their forms are drawn
            *(
                self.alarm,
                self.changed_answer,
                self.translation,
                self.related,
                self.talk,
                self.grading,
                self.pictures,
            ),
            *(
                self.own_words,
                self.calls,
                self.safety,
                self.referrals,
                self.contact,
                self.retention,
                self.decision,
            ),
            *(self.labels, self.notes, self.history, self.undo, self.left),
        )
        sections = {}
        for method in methods:
            section = method()
            if section is not None:
                sections[method.__name__] = section
        return sections

    def new[Form: forms.Form](self, action: str, form_class: type[Form], **options: Any) -> Form:
        """Return the form that was refused, with all that was typed, or a new one."""
        if self.attempt and self.attempt.form.prefix == action:
            self.drew_attempt = True
            return cast("Form", self.attempt.form)
        return form_class(**tip_forms.ids(action), **options)

    def form[Form: forms.Form](self, action: str, form_class: type[Form], **options: Any) -> Form:
        """Return the same as the page draws it: a new one is filled with what was typed and not saved."""
        return self.draft.draw(self.new(action, form_class, **options))

    def is_open(self, form: forms.Form) -> bool:
        """Return whether a form that the page draws folds away has something that the member must see."""
        return form.is_bound or any(
            form.add_prefix(name) in self.draft.typed for name in form.fields
        )

    def _seen_in(self, form: forms.Form) -> Any:
        """Return up to which event the member has seen the tip: a form that was sent goes on from this page."""
        if form.is_bound:
            return self.seen
        return form["seen"].value()

    def alarm(self) -> dict[str, Any] | None:
        """Return whether the tip's alarm rings, which reading it does not silence, and who has taken care of it."""
        tip = self.tip
        if not tip.urgent or (tip.decided and tip.acknowledged_at):
            return None
        rings = tip.acknowledged_at is None
        reads = keyholders.state_of(self.user) == "granted"
        may_take = rings and reads and self.user.has_perm(TRIAGE_TIP)
        return {
            "rings": rings,
            "may_take": may_take,
            "own": tip.acknowledged_by == self.user.get_username(),
        }

    def changed_answer(self) -> dict[str, Any] | None:
        """Return the stricter answers that members read in messages, and the forms to record one and to undo one."""
        if self.reading is None or self.keys is None:
            return None
        rows = opening.changed_answers(tips=[self.tip.pk], keys=self.keys)
        section: dict[str, Any] = {
            "rows": [(row, consent.in_words(answer)) for row, answer in rows]
        }
        if rows and self.user.has_perm(RUN_DESK):
            section["kept"] = changed_answer.kept_from(
                self.tip, by=self.user, entries=self.reading.entries
            )
            section["undo"] = None
            if not section["kept"]:
                section["undo"] = self.form("undo-answer", tip_forms.UndoAnswerForm)
        form = self.new("change-answer", tip_forms.ChangeAnswerForm)
        entries = self.reading.entries
        form.offer(changed_answer.stricter(entries), changed_answer.messages(entries))
        if self.user.has_perm(TRIAGE_TIP) and (form.is_bound or form.can_offer):
            section |= {"form": self.draft.draw(form), "open": self.is_open(form)}
        if rows or "form" in section:
            return section
        return None

    def translation(self) -> dict[str, Any] | None:
        """Return the latest translation, and the form for the next; `foreign` if the tip may not be in English."""
        if self.reading is None or self.keys is None:
            return None
        try:
            latest = translation.latest(tip=self.tip, keys=self.keys)
        except Refused as refusal:
            return {"broken": str(refusal), "foreign": True}
        self.language = language(self.reading.entries, latest=latest)
        self.translated = latest.text
        section: dict[str, Any] = {
            "latest": latest,
            "language": commonest.NAMES.get(latest.language),
        }
        section["foreign"] = latest.version > 0 or self.language not in ("", "en")
        if self.user.has_perm(TRIAGE_TIP):
            initial = {"language": self.language, "text": latest.text, "seen": self.seen}
            form = self.form("translate", tip_forms.TranslateForm, initial=initial)
            return section | {"form": form, "open": self.is_open(form), "seen": self._seen_in(form)}
        if latest.version:
            return section
        return None

    def pictures(self) -> dict[str, Any]:
        """Return who closed the pictures, what a team lead proposed, and the forms to propose and to agree."""
        rows = list(self.tip.closed_pictures.order_by("since", "pk"))
        closed = next((row for row in rows if row.ended_on is None), None)
        deleted = any(row.ended_on and row.end == closed_pictures.End.DELETE for row in rows)
        self.pictures_closed = closed is not None
        section: dict[str, Any] = {"closed": closed, "deleted": deleted}
        if closed is None or self.keys is None:
            return section
        if closed.end:
            section["reference"] = closed_pictures.reference(closed, keys=self.keys)
        if self.user.has_perm(RUN_DESK):
            section["form"] = self.form("propose-pictures", tip_forms.ClosedPicturesForm)
            section["seen"] = closed_pictures.as_proposed(closed)
            section["own"] = closed.proposed_by == self.user.get_username()
        return section

    def related(self) -> dict[str, Any]:
        """Return what members have said of this tip and others; the machine's finds are a page of their own."""
        judged = relations.judged(tip=self.tip, by=self.user).values()
        related = []
        tips = [self.tip]
        for row in judged:
            if row.is_confirmed:
                other = row.other(self.tip)
                related.append((other, row))
                tips.append(other)
        try:
            denied = denials.marked(tips=tips, keys=self.keys) if self.keys else {}
            section = self._denial(denied)
        except Refused as refusal:
            denied = {}
            section = {"broken": str(refusal)}
        if not related:
            return section
        counted = plural(len(tips), f"{len(tips)} tip", f"{len(tips)} tips")
        sources = signs.sources(tips, by=self.user, denied=denied)
        return section | {"tips": related, "counted": f"{counted}, {sources}"}

    def _denial(self, denied: Mapping[Any, str]) -> dict[str, Any]:
        """Return who said that the tip denies what others say, and the form to say so, for who may."""
        if self.keys is None or not self.user.has_perm(TRIAGE_TIP):
            return {}
        form = self.new("denies", tip_forms.DenialForm, initial={"seen": self.seen})
        return {"denial": form, "denied_by": denied.get(self.tip.pk, ""), "seen": self.seen}

    def talk(self) -> dict[str, Any]:
        """Return the talk, or how much of it there is while it is sealed; `closed` says why the sender is not asked.

        A draft of a question to them has no box then: it stands among the page's drafts, to be copied.
        """
        facts: dict[str, Any] = {"stopped": self.tip.stopped is not None}
        if self.reading is None or self.keys is None:
            return facts | {"count": self.tip.messages.count()}
        lines = facts["lines"] = sender_messages.thread(reading=self.reading, keys=self.keys)
        asked = [line for line in lines if line.message and line.message.asks]
        facts |= {
            "written": len(lines),
            "asked": len(asked),
            "is_child": consent.under_18(self.reading.entries),
        }
        facts["answered_on"] = next((line.week for line in reversed(lines) if line.week), None)
        facts["waits"] = self.tip.status == Status.NEEDS_MORE and not self.tip.answered
        if self.tip.answered or self.tip.new_answer:
            facts |= {"answers": sender_messages.newest_answers(lines), "new": self.tip.new_answer}
            facts["question"] = next(reversed(asked), None)
        if self.tip.stopped is not None:
            return facts
        foreign = self._is_in_another_language()
        facts["foreign"] = foreign
        if refusal := asking.against(self.reading.entries):
            return facts | {"closed": refusal} | self._own_safety(foreign=foreign)
        if foreign:
            facts |= self._own_safety(foreign=True)
        start = tip_forms.ReadyReplyForm(**tip_forms.ids("write"))
        ready = list(
            ReplyTemplate.objects.values_list("pk", "title")
        )  # asked for once: the field would do it thrice
        start.fields["reply"].choices = ready  # type: ignore[attr-defined]
        facts["reopens"] = self.tip.decided is not None and self.tip.status in triaging.ASKED_FROM
        form = self._to_readers(self.new("write", tip_forms.WriteForm))
        is_open = self.is_open(form) or facts.get("own_safety_open", False)
        facts["start"] = start if ready else None
        return facts | {"form": form, "open": is_open}

    def _is_in_another_language(self) -> bool:
        """Return whether the sender is written to in another language: the tip is in one, or what was just typed."""
        typed = ""
        if self.attempt and self.attempt.form.prefix == "write":
            typed = self.attempt.form["text"].value()
        return self.language not in ("", "en") or sender_messages.is_foreign(str(typed or ""))

    def _own_safety(self, *, foreign: bool) -> dict[str, Any]:
        """Return the form for a message about the sender's own safety, for which nothing is waited."""
        form = self.new("own-safety", tip_forms.OwnSafetyForm)
        if not foreign:
            del form.fields["english"]
        is_open = self.is_open(self._to_readers(form))
        return {"own_safety": form, "open": is_open, "own_safety_open": is_open}

    def _to_readers[Form: forms.Form](self, form: Form) -> Form:
        """Draw a message; its reader is chosen where not all was sent with the same seven words."""
        reading = cast("opening.Reading", self.reading)
        if reading.has_one_holder:
            del form.fields["to"]
        else:
            cast("tip_forms.EntryField", form.fields["to"]).offer(
                sender_messages.readers(reading.entries)
            )
        return self.draft.draw(form)

    def own_words(self) -> dict[str, Any] | None:
        """Return the text in our words beside the sender's own, what is asked about it, and what was just typed."""
        if self.reading is None or self.keys is None or not self.user.has_perm(REFER):
            return None
        try:
            wording = own_words.latest(
                tip=self.tip,
                keys=self.keys,
                entries=self.reading.entries,
                translated=self.translated,
            )
        except Refused as refusal:
            return {"broken": str(refusal)}
        initial = {name: getattr(wording, name) for name in ("text", "removed", "contact")}
        initial["text"] = initial["text"] or own_words.begun()
        form = self.new("wording", tip_forms.WordingForm, initial=initial | {"seen": self.seen})
        form.ask(wording.questions)
        self.draft.draw(form)
        answer = consent.police(
            self.reading.entries
        )  # after a "no" only a danger lets anything leave, whatever came
        strict = consent.strict(self.reading.entries)
        self.later = (
            answer != consent.NO and wording.version > 0 and wording.position < self.position
        )
        later = None
        if self.later:
            later = self.form("later", tip_forms.LaterForm)
        return {
            "wording": wording,
            "strict": strict,
            "may_quote": answer == consent.YES,
            "holds": wording.version
            and not any((wording.open, strict and wording.quotes, self.later)),
            "position": self.position,  # not a draft's: the page shows all of it
            "now": self.seen,
            "later": later,
            "may_set_aside": self.user.has_perm(RUN_DESK),
            "form": form,
            "open": self.is_open(form),
            "seen": self._seen_in(form),
            "questions": [
                (question, form[f"{tip_forms.STAYS}{question.leak.key}"])
                for question in wording.questions
            ],
            "originals": originals(self.reading),
        }

    def calls(self) -> dict[str, Any] | None:
        """Return the calls, what each says on an unlocked desk, and the forms for a second person and a new call."""
        if not self.user.has_perm(TRIAGE_TIP):
            return None
        rows = list(self.tip.urgent_calls.all())
        name = self.user.get_username()
        alone = urgent_calls.no_reviewer(author=name) if rows else ""
        calls = []
        told = []
        for row in rows:
            content: dict[str, Any] = {}
            if self.keys:
                content = urgent_calls.content(row, keys=self.keys)
            calls.append(self._call(row, content, alone=alone))
            if not row.mistaken:
                told.append((row, content))
        entries = self.reading.entries if self.reading else ()
        self.child_untold = urgent_calls.child_untold(entries, calls=told)
        return {"calls": calls}

    def _call(self, row: UrgentCall, content: dict[str, Any], *, alone: str) -> dict[str, Any]:
        """Return a call, and the form for a second person."""
        is_own = row.author == self.user.get_username()
        leads_alone = urgent_calls.needs_team_lead(row, content) and not self.user.has_perm(
            RUN_DESK
        )
        return {
            "is_call": True,
            "row": row,
            "content": content,
            "own": is_own,
            "unfolded": bool(content)
            and (content.get("problem") or (row.reviewed_on is None and not is_own)),
            "alone": alone,
            "for_team_lead": leads_alone,
            "form": self.form(f"review-{row.pk}", tip_forms.ReviewForm),
        }

    def call(self, now: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return the one form for a call that was made now, and whether it stands under what to do now.

        Whom to call first is chosen there beforehand, and that a life, a child or an adult is in danger.
        """
        if self.reading is None or not self.user.has_perm(TRIAGE_TIP):
            return None
        is_in_now = now is not None and now["takes_call"]
        chosen = do_now.chosen(self.request, now["lines"]) if now and is_in_now else {}
        moment = formats.date_format(timezone.localtime(), "j M, H:i")
        form = self.form(
            "call", tip_forms.CallForm, initial={"position": self.position, "when": moment} | chosen
        )
        form.offer(self.grounds)
        is_open = self.is_open(form)
        changed = len(urgent_calls.before_a_change(self.reading.entries)) < len(
            self.reading.entries
        )
        return {
            "form": form,
            "is_in_now": is_in_now,
            "has_lines": bool(chosen),  # whose links open it
            "open": is_open and not is_in_now,  # of the fold in which it stands otherwise
            "unfolded": is_open or (is_in_now and do_now.is_asked_for(self.request)),
            "asks": form.is_bound or form["called_before"].value() or changed,
        }

    @cached_property
    def safety_decisions(self) -> list[SafetyDecision]:
        """Return the decisions about danger of the tip."""
        return list(self.tip.safety_decisions.all())

    @property
    def waits_for_a_team_lead(self) -> bool:
        """Return whether no Team lead has looked at one of them, which keeps the tip."""
        return any(row.looked_on is None for row in self.safety_decisions)

    def safety(self) -> dict[str, Any] | None:
        """Return the decisions about danger, what each says, and whether the member may mark it as looked at."""
        rows = self.safety_decisions
        if not rows or not self.user.has_perm(TRIAGE_TIP):
            return None
        own = set()
        if self.waits_for_a_team_lead and self.user.has_perm(RUN_DESK):
            own = set(safety.waiting(user=self.user).filter(tip=self.tip))
        lines = []
        for row in rows:
            content = {}
            if self.keys:
                content = safety.content(row, keys=self.keys)
            lines.append({"row": row, "content": content, "may_look": row in own})
        return {"rows": lines}

    def referrals(self) -> dict[str, Any] | None:
        """Return the referrals that the tip is in, as far as the member may know them."""
        if not self.user.has_perms([REFER, VIEW_REFERRAL]):
            return None
        referrals = (
            Referral.objects.filter(parts__tip=self.tip)
            .exclude(status=ReferralState.WITHDRAWN)
            .defer("sealed")
        )
        listed = list(stuck.timed(referrals.visible_to(self.user)))
        are_stuck = []
        for referral in listed:
            waiting = stuck.waiting_of(referral, today=timezone.localdate())
            if waiting and waiting.is_stuck:
                are_stuck.append(waiting)
        section = {
            "referrals": listed,
            "later": self.later,
            "wrote_again": contents.WROTE_AGAIN,
            "stuck": are_stuck,
        }
        if drafted := next(
            (referral for referral in listed if referral.status == ReferralState.DRAFTED), None
        ):
            tips = Tip.objects.visible_to(self.user).filter(referral_parts__referral=drafted)
            keys = list(tips.order_by("referral_parts__position").values_list("pk", flat=True))
            section["next"] = next(iter(keys[keys.index(self.tip.pk) + 1 :]), None)
        if self.reading and self.user.has_perm(VIEW_ENQUIRY):
            own = enquiries.of_tip(tip=self.tip).values("pk")
            section["enquiries"] = enquiries.counted(by=self.user).filter(pk__in=own)
        return section

    def left(self) -> dict[str, Any] | None:
        """Return what the police have of the tip, and what they must know since."""
        section = police.left(self.tip, user=self.user, form=self.form)
        if section is None:
            return None
        position = 0
        if self.reading:
            # Also of what does not open: nobody can read it, and somebody decides all the same what it means.
            position = max((entry.row.position for entry in self.reading.entries), default=0)
        return section | {"position": position, "seen": self.seen}

    def contact(self) -> dict[str, Any] | None:
        """Return whether there are contact details, and the reasons for which they may be revealed."""
        if self.reading is None or not self.user.has_perm(REVEAL_CONTACT):
            return None
        chosen = asking.may_phone(self.reading.entries)
        form = self.new("reveal", tip_forms.RevealForm)
        form.offer(() if chosen else (opening.DANGER,))
        self.draft.draw(form)
        return {
            "left": self.reading.has_contact,
            "chosen": chosen,
            "form": form,
            "open": self.is_open(form),
        }

    def retention(self) -> dict[str, Any]:
        """Return the legal hold and the day of deletion, if there is one."""
        hold = Hold.objects.filter(tip=self.tip).first()
        in_use = schedule.kept_by_enquiry(self.tip)
        to_look_at = self.waits_for_a_team_lead
        closed = self.pictures_closed
        self.is_kept = bool(hold or closed or in_use or to_look_at)
        self.due_on = None
        if not self.is_kept:
            self.due_on = schedule.due_on(self.tip)
        unconfirmed = self.tip.status == Status.PASSED_ON and self.tip.confirmed is None
        return {
            "unchecked": unconfirmed and urgent_calls.unseen(tip=self.tip).exists(),
            "hold": hold,
            "closed": closed,
            "in_use": in_use,
            "to_look_at": to_look_at,
            "due_on": self.due_on,
        }

    def decision(self) -> dict[str, Any] | None:
        """Return the working surface: everything that one press saves."""
        if self.reading is None or not self.user.has_perm(TRIAGE_TIP):
            return None
        form = self.new("save", tip_forms.DecisionForm, tip=self.tip, by=self.user)
        is_asked = self.child_untold or (
            (self.tip.urgent or self.tip.unsure) and safety.is_asked(tip=self.tip)
        )
        asks = is_asked and self.tip.status in UNDECIDED
        what_was_done.ask(form, self.draft, required=asks)
        says = partial(follows, self.tip, due_on=self.due_on, may_stay=self.is_kept or asks)
        form.begin_from(seen=self.seen)
        copies = self._copies(form)
        self.draft.draw(form)
        why_malicious = None
        if not self.tip.malicious:
            why_malicious = form["why_malicious"]
        return {
            "form": form,
            "copies": copies,
            "choices": [(radio, says(radio.data["value"])) for radio in form["status"]],
            "malicious": form["malicious"],
            "why_malicious": why_malicious,
            "lines": [form["assignee"], form["look_again"]],
            "labels": [form[name] for name in form.labels if name in form.fields],
            "on": [label.name for name, label in form.labels.items() if form.initial.get(name)],
            "linked": [
                (form[name], row) for name, row in form.linked.items() if name in form.fields
            ],
        }

    def _copies(self, form: tip_forms.DecisionForm) -> dict[str, Any]:
        """Return how many others say the same, and a page of those that can be decided with this one."""
        others = at_end.copies(tip=self.tip, by=self.user, keys=cast("Keys", self.keys))
        count = others.count()
        if not count:
            form.without(("copies",))
            return {}
        references = list(
            others.filter(urgent=False, unsure=False).values_list("reference", flat=True)[:PAGE]
        )
        if not references:
            form.without(("copies",))
        urgent = others.filter(Q(urgent=True) | Q(unsure=True)).count()
        return {"count": count, "urgent": urgent, "first": others.first(), "references": references}

    def grading(self) -> dict[str, Any] | None:
        """Return the suggested grading, with the form to change it, for who may give one."""
        if self.keys is None or not self.user.has_perms([REFER, TRIAGE_TIP]):
            return None
        try:
            grade = grading.latest(tip=self.tip, keys=self.keys)
        except Refused as refusal:
            return {"broken": str(refusal)}
        initial = {
            name: getattr(grade, name)
            for name in ("source", "information", "handling", "conditions")
        }
        form = self.new("grade", tip_forms.GradeForm, initial=initial | {"seen": self.seen})
        lines = self._on_source()
        if lines:
            hints = " ".join(f"grading-said-{number}" for number in range(1, len(lines) + 1))
            form.fields["information"].widget.attrs["aria-describedby"] = hints
        form.fields["source"].widget.attrs["data-key"] = "p"
        self.draft.draw(form)
        return {
            "form": form,
            "grade": grade,
            "sender_says": lines,
            "open": self.is_open(form),
            "seen": self._seen_in(form),
        }

    def _on_source(self) -> list[tuple[Any, Any]]:
        """Return how the sender says that they know it, each answer once with what it is worth."""
        lines = []
        for part in self.parts:
            for answer in part.answers:
                line = (answer.text, answer.hint)
                if answer.name == "source" and line not in lines:
                    lines.append(line)
        return lines

    def labels(self) -> dict[str, Any] | None:
        """Return what stands in clear beside the tip, for a page without the working surface."""
        if self.reading is not None and self.user.has_perm(TRIAGE_TIP):
            return None
        linked: list[Enquiry] = []
        if self.user.has_perm(VIEW_ENQUIRY):
            linked = list(enquiries.of_tip(tip=self.tip))
        return {"labels": list(self.tip.labels.all()), "linked": linked}

    def notes(self) -> dict[str, Any] | None:
        """Return the notes, or how many there are while they are sealed."""
        if self.reading:
            remarks = self.reading.notes
            count = len(remarks)
        else:
            remarks = ()
            count = self.tip.notes.count()
        if count:
            return {"remarks": remarks, "count": count}
        return None

    def history(self) -> dict[str, Any]:
        """Return what was done with the tip, newest first, and which team members have read it in the last minutes."""
        done = AuditEvent.objects.filter(subject=self.tip.reference).exclude(
            act=AuditAct.CONFIRMED_ROWS
        )  # no deed
        looks = (AuditAct.READ, AuditAct.GLIMPSED)
        done = done.exclude(
            act__in=looks, actor=self.user.get_username()
        )  # nor news, after each of their acts
        return {
            "lines": history_lines(done[:HISTORY]),
            "readers": opening.readers(tip=self.tip, by=self.user),
        }

    def undo(self) -> dict[str, Any] | None:
        """Return what the last press did, who pressed and when, for who may undo it, if that can be undone now."""
        if not self.user.has_perm(TRIAGE_TIP):
            return None
        events = undoing.of_tip(tip=self.tip)
        if not events:
            return None
        press = events[0].detail["press"]
        count = undoing.tips_of(press=press, user=self.user).count()
        return {
            "press": press,
            "by": events[-1],
            "did": [in_words(event) for event in events],
            "count": count,
        }
