"""What members answer about each tip of a referral before the first approval, and why a doubtful one goes."""

from typing import Any

from django import forms

from core.action_form import ActionForm
from reports.admin.pages.actions import Attempt, RecordNumber, TextArea
from reports.admin.pages.page_drafts import PageDrafts
from reports.domain.audit import staleness
from reports.domain.referrals import consent, contents, own_words, police_referrals
from reports.domain.referrals.contents import Content, Report
from reports.models import Tip

PRINTED = "The police will read this, so use none of the sender’s own words."
MEMBERS = "For the team alone. It stands in no document."


def _answer(label: str, help_text: str, *, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=own_words.ANSWER_LENGTH,
        required=False,
        strip=False,
        widget=TextArea(rows),
    )


class AnswersForm(ActionForm):
    """The questions about one tip; the verb checks what is printed, and the approval asks for what is missing."""

    seen = RecordNumber()
    observed = _answer("What was seen, and what is hearsay or a conclusion?", MEMBERS)
    about = _answer(
        "Could it be about who somebody is rather than what they did, or could the sender gain?",
        f"If so, why does it go all the same? {MEMBERS}",
    )
    origin = _answer("Why does this have to stand here?", MEMBERS)
    hurt = _answer("Who could be hurt by a visit?", PRINTED)
    happened = _answer(
        "When did it happen?",
        f"No finer than needed. If you leave it empty, the police read “{contents.NOT_KNOWN}”. {PRINTED}",
        rows=1,
    )
    borne_out = _answer(
        "Letter B: what else bears it out?",
        "No other tip in this referral does, as its independent source. Write nothing that another tip says: add that "
        f"tip instead. {PRINTED}",
    )
    purpose = _answer(
        "What is it for?",
        f"If you leave it empty, the police read “{contents.PURPOSE}”. {PRINTED}",
        rows=1,
    )
    unguessable = forms.BooleanField(
        label="Nobody could guess who told us. The police may read how the sender knows it.",
        required=False,
    )

    def without(self, *names: str) -> None:
        """Leave these questions out; what was answered stays."""
        for name in names:
            self.fields[name].widget = forms.HiddenInput()


class ApproveForm(ActionForm):
    """Why a doubtful referral goes all the same, which a team lead writes; the verb asks for it."""

    why = forms.CharField(
        label="Why does it go to the police all the same?",
        help_text="One sentence. We encrypt it, and only the team reads it.",
        required=False,
        strip=False,
        max_length=police_referrals.WHY_LENGTH,
        widget=TextArea(2),
    )


def ids(tip: Tip) -> dict[str, Any]:
    """Return what gives the questions about a tip their names on the page, which has those of all its tips."""
    return {"prefix": f"answer-{tip.pk}", "auto_id": "%s", "label_suffix": ""}


def typed(data: dict[str, Any]) -> dict[str, str]:
    """Return the answers in an AnswersForm's cleaned data as the verb takes them."""
    return {
        name: "yes" if value is True else str(value or "")
        for name, value in data.items()
        if name != "seen"
    }


def section(
    content: Content, report: Report, *, draft: PageDrafts, attempt: Attempt | None
) -> dict[str, Any]:
    """Return the questions about one tip, which answers are missing, and which words are about who somebody is."""
    words = contents.names_who_somebody_is(report)
    options = ids(report.tip)
    form = AnswersForm(**options, initial={**report.wording.answers, "seen": staleness.now()})
    if attempt and attempt.form.prefix == options["prefix"]:
        form = attempt.form  # type: ignore[assignment]
    may_judge = report.answer != consent.NO and report.guessable in ("", "unsure")
    asked = {
        "origin": bool(words),
        "borne_out": content.lacks_second_source(report),
        "unguessable": may_judge,
    }
    form.without(*(name for name, is_asked in asked.items() if not is_asked))
    draft.draw(form)
    labels = own_words.PRINTED | own_words.FOR_MEMBERS
    answers = [(labels[name], report.wording.answers[name]) for name in _shown(report)]
    missing = content.asked(report)
    return {
        "form": form,
        "seen": staleness.now() if form.is_bound else form["seen"].value(),
        "fields": [field for field in form.visible_fields() if field.name != "unguessable"],
        "left_out": [field for field in form.hidden_fields() if field.name != "seen"],
        "tick": form["unguessable"] if may_judge else None,
        "words": words,
        "answers": answers,
        "missing": missing,
        "open": bool(missing) or form.is_bound,
    }


def _shown(report: Report) -> list[str]:
    """Return the names of the answers that no document has, and that there are."""
    return [name for name in ("observed", "about", "origin") if report.wording.answers.get(name)]
