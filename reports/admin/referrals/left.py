"""A referral that has left, as its page shows it: the document as it left, and what the police must know since."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User

from reports.admin.pages.actions import TextArea
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import corrections, departure, exported, grading
from reports.domain.referrals.contents import Content
from reports.domain.rights import RUN_DESK
from reports.graphics import pdf
from reports.models import Correction, Referral


class ChangedForm(forms.Form):
    """What has changed since the referral that is corrected left; the verb asks for it."""

    changed = forms.CharField(
        label="What has changed?",
        required=False,
        strip=False,
        help_text="A sentence or two. The police will read this, so use none of the sender’s own words.",
        widget=TextArea(2),
    )


def section(
    referral: Referral, content: Content | None, *, user: User, keys: Keys | None
) -> dict[str, Any] | None:
    """Return what left and what came since; None for a referral of which no file was ever made.

    The caller has recorded that it is read.
    """
    if not exported.has_left(referral=referral):
        return None
    rows = list(
        corrections.standing().filter(referral=referral).defer("sealed", "referral__sealed")
    )
    facts: dict[str, Any] = {
        "wrote": [row.tip for row in rows if vars(row)["wrote_since"]],
        "needed": [row.tip for row in rows if row.correction == Correction.NEEDED],
        "announced": [row.tip for row in rows if row.correction == Correction.ANNOUNCED],
    }
    if content is None or keys is None:
        return facts
    may_take_back = user.has_perm(RUN_DESK) and departure.can_take_back(
        referral=referral, keys=keys
    )
    return facts | _document(referral, content, keys) | {"may_take_back": may_take_back}


def _document(referral: Referral, content: Content, keys: Keys) -> dict[str, Any]:
    """Return the reports as they left, or why we cannot show them."""
    try:
        kept = exported.kept(referral=referral, content=content, keys=keys)
    except Refused as refusal:
        return {"problem": str(refusal)}
    found = kept or exported.as_it_stands(referral=referral, content=content)
    if found is None:
        lost = "We did not keep what left. It left before this desk kept that, and our wording has changed since."
        return {"problem": lost}
    return {"reports": [_shown(report) for report in found.reports]}


def _shown(report: exported.ExportedReport) -> dict[str, Any]:
    """Return a report as the page shows it; of a deleted tip only its number and its hash."""
    document = report.document
    if document is None:
        return {"left": report}
    grade = document["suggested_grading"]
    known = {
        "source": grading.SOURCE,
        "information": grading.INFORMATION,
        "handling": grading.HANDLING,
    }
    return {
        "left": report,
        "grade": [(grade[name], words.get(grade[name], "")) for name, words in known.items()],
        "agreed": document["sender_agreed"],
        "week": date.fromisoformat(document["week"]),
        "printed": pdf.printed_facts(document).items(),
    }
