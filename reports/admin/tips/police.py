"""A tip and the police: the four steps to them, and what they must know since it left."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User

from core.action_form import ActionForm
from reports.admin.pages.actions import RecordNumber
from reports.admin.tips import tip_forms
from reports.domain.referrals import approvals, corrections, exported
from reports.domain.rights import REFER
from reports.models import AuditAct, AuditEvent, Correction, Referral, Tip

NOTHING = "nothing"
MUST_KNOW = "must-know"


class JudgeForm(ActionForm):
    """Whether the police must know of what came since the tip left, as far as the page showed it."""

    verdict = forms.ChoiceField(choices=[(NOTHING, ""), (MUST_KNOW, "")], widget=forms.HiddenInput)
    seen = RecordNumber()
    position = RecordNumber()


class AnnounceForm(ActionForm):
    """Whom at the police a member told that a correction follows, and when; the verb asks for both."""

    who = forms.CharField(
        label="Who at the police you told",
        max_length=corrections.LENGTH,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    when = forms.CharField(
        label="When",
        max_length=corrections.LENGTH,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    seen = RecordNumber()


def left(tip: Tip, *, user: User, form: Callable[..., Any]) -> dict[str, Any] | None:
    """Return what the police have of a tip and must know since; None where nothing left, or for who may not refer it.

    `form` draws a form of the page. Needs no unlocked desk.
    """
    acts = (AuditAct.EXPORTED, AuditAct.SAVED_WORDING, AuditAct.GRADED)
    newest = AuditEvent.objects.filter(subject=tip.reference, act__in=acts).order_by("-seq")
    events = list(newest.values_list("act", "detail"))
    if not user.has_perm(REFER) or not any(act == AuditAct.EXPORTED for act, _detail in events):
        return None
    rows = list(corrections.standing().filter(tip=tip).defer("sealed", "referral__sealed"))
    seen = set()
    if rows:
        named = [row.referral_id for row in rows]
        seen = set(
            Referral.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True)
        )
    referrals = [row.referral for row in rows if row.referral_id in seen]
    states = {row.correction for row in rows}
    announce = None
    if Correction.NEEDED in states:
        announce = form("announce", AnnounceForm)
    return {
        "as_it_left": exported.sent_as_it_is(events=events),
        "names": ", ".join(referral.reference for referral in referrals) or "a police referral",
        "referrals": referrals,
        "rows": rows,
        "wrote": any(vars(row)["wrote_since"] for row in rows),
        "needed": Correction.NEEDED in states,
        "announced": Correction.ANNOUNCED in states,
        "judge": JudgeForm(**tip_forms.ids("judge")),
        "announce": announce,
        "open": bool(announce),
    }


def steps(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return which of the four steps to the police are done, the next one, and one with a draft or a refusal.

    The last two are done of the wording and the grading that stand there now, and not of what left before these.
    """
    wording = sections.get("own_words", {})
    referrals = sections.get("referrals", {})
    graded = sections.get("grading", {})
    states = {referral.status for referral in referrals.get("referrals", ())}
    is_sent = bool(sections.get("left", {}).get("as_it_left")) and bool(
        states - {*approvals.UNSENT}
    )
    done = {
        "graded": bool(graded.get("grade") and graded["grade"].complete),
        "worded": bool(wording.get("holds")),
        "drafted": is_sent or bool(states & {*approvals.UNSENT}),
        "sent": is_sent,
    }
    is_open = ""
    if wording.get("open"):
        is_open = "worded"
    elif graded.get("open"):
        is_open = "graded"
    names = []
    first = ""
    for name, is_done in done.items():
        if is_done:
            names.append(name)
        elif not first:
            first = name
    return {"done": names, "next": first, "open": is_open}
