"""The desk's first screen: what waits for each member, and the rooms that they may enter."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.rights import needs
from core.text import plural
from newsroom.domain import under_way
from reports import questions
from reports.admin.pages.lock import page
from reports.admin.queue.tip_admin import MINE, tabs
from reports.admin.tips import reading, signs
from reports.domain.audit import audit_log
from reports.domain.intake import unwatched_line
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import public_results
from reports.domain.referrals import approvals, corrections, results, urgent_calls
from reports.domain.retention import closed_pictures, schedule
from reports.domain.rights import (
    APPROVE_OUTCOME,
    CHANGE_ARTICLE,
    REFER,
    RUN_DESK,
    TRIAGE_TIP,
    VIEW_AUDIT_LOG,
    VIEW_REFERRAL,
    VIEW_TIP,
)
from reports.domain.tips import opening
from reports.domain.tips.opened_entry import danger_place
from reports.domain.triage import queue, relations, safety, stuck, triaging
from reports.models import (
    AuditAct,
    AuditEvent,
    Correction,
    Enquiry,
    Outcome,
    Referral,
    ReferralState,
    Tip,
    TipQuerySet,
)
from reports.models.tips import UNSURE, URGENT, WAITING

AHEAD = {  # by the state that the form is near
    "unwatched": "In %(days)s the form will say that nobody is reading tips.",
    "closed": "In %(days)s the form will close, because nobody is reading tips.",
}


def alert(user: User) -> str:
    """Return for a team lead in how many days the form says that nobody reads, or closes, if that is near."""
    near = None
    if user.has_perm(RUN_DESK):
        near = unwatched_line.ahead(now=timezone.now())
    state, number = near or ("", 0)
    days = plural(number, f"{number} day", f"{number} days")
    if state in AHEAD:
        return AHEAD[state] % {"days": days}
    return ""


def duties(user: User) -> list[dict[str, Any]]:
    """Return what this member has to approve or to check: its name, how many wait, what and where."""
    results = reverse("admin:reports_outcome_changelist")
    calls = reverse("admin:reports_tip_danger")
    lines = []
    if user.has_perm(VIEW_REFERRAL):
        words = ("police referral to approve", "police referrals to approve")
        once = f"{reverse('admin:reports_referral_changelist')}?status__exact=approved_once"
        mine = approvals.to_approve(by=user)
        lines.append(_duty("referrals", mine, words, once))
        others = (
            Referral.objects.filter(status=ReferralState.APPROVED_ONCE).visible_to(user).count()
            - mine
        )
        words = (
            "police referral that needs one more approval",
            "police referrals that need one more approval",
        )
        lines.append(_duty("second_approval", others, words, once))
    if user.has_perm(APPROVE_OUTCOME):
        words = ("public result to approve", "public results to approve")
        lines.append(_duty("to_approve", public_results.to_approve(by=user), words, results))
    if user.has_perm(VIEW_TIP):
        words = ("urgent call to check", "urgent calls to check")
        waiting = urgent_calls.waiting(user=user, today=timezone.localdate())
        lines.append(_duty("calls", waiting.count(), words, calls))
    if user.has_perm(TRIAGE_TIP):
        lines.append(_to_compare(user))
    if user.has_perm(RUN_DESK):
        words = ("decision about danger to check", "decisions about danger to check")
        lines.append(_duty("danger", safety.waiting(user=user).count(), words, calls))
        lines.append(_closed_pictures(user))
    return [line for line in lines if line["waits"]]


def _to_compare(user: User) -> dict[str, Any]:
    """Return how many tips are hidden from a colleague until somebody compares them."""
    words = (
        "tip to compare: a colleague cannot see it until then",
        "tips to compare: a colleague cannot see them",
    )
    tips = relations.to_compare(by=user).values_list("low", flat=True)
    return _duty_at_first("to_compare", tips, words, "admin:reports_tip_related")


def _closed_pictures(user: User) -> dict[str, Any]:
    """Return how many tips have pictures that a member closed."""
    words = ("tip with closed pictures", "tips with closed pictures")
    tips = closed_pictures.waiting(user=user).values_list("tip", flat=True)
    return _duty_at_first("closed_pictures", tips, words, "admin:reports_tip_change")


def _duty_at_first(
    name: str, tips: Iterable[Any], words: tuple[str, str], view: str
) -> dict[str, Any]:
    """Return a duty that leads to a page of the first of these tips, by their keys."""
    keys = list(tips)
    address = reverse(view, args=keys[:1]) if keys else ""
    return _duty(name, len(keys), words, address)


def _duty(name: str, waits: int, words: tuple[str, str], address: Any) -> dict[str, Any]:
    return {"name": name, "waits": waits, "label": plural(waits, *words), "address": address}


SHOWN = 10  # tips that a list of the first screen names
OLDEST = ("received", "reference")  # as in “Read next”


def work(user: User) -> dict[str, Any]:
    """Return what the first screen names of other work than tips, by the member's rights."""
    parts: dict[str, Any] = {}
    if user.has_perm(CHANGE_ARTICLE):
        parts["under_way"] = under_way.under_way(at=timezone.now())
    if user.has_perm(VIEW_AUDIT_LOG):
        checkpoints, last = audit_log.stands()
        looked = AuditEvent.objects.filter(act=AuditAct.VERIFIED).order_by("-at").first()
        parts["record"] = {
            "events": last[0] if last else 0,
            "checkpoints": checkpoints,
            "looked": looked,
        }
    return parts


def what_waits(user: User, tips: TipQuerySet, keys: Keys | None) -> dict[str, Any]:
    """Return how many tips wait, on which tab, and by name those that wait for this member, as “Read next” sorts them.

    Of who may not see tips only their duties, and no count of a tip that is hidden from them: `tips` are those shown.
    """
    if not user.has_perm(VIEW_TIP):
        return {"duties": duties(user)}
    today = timezone.localdate()
    going = schedule.is_due(by=today + schedule.WARNING)
    old = schedule.is_to_review(today=today)
    counts = queue.counts(tips, by=user, going=going, old=old)
    tip_list = reverse("admin:reports_tip_changelist")
    views = {name: f"waiting={name}" for name in WAITING} | {"all": "", "mine": f"member={MINE}"}
    own = (
        tips.filter(queue.waiting(by=user)["mine"])
        .exclude(rank__gte=UNSURE)
        .order_by("-rank", *OLDEST)
    )
    # With `or` SQLite would look through every tip that is nobody's, and not only those with a day.
    again = (
        tips.to_look_at_again(by=today)
        .alias(whose=Coalesce("assignee", user.pk))
        .filter(whose=user.pk)
    )
    must_know = []
    wrote_since = []
    if user.has_perm(REFER):
        for row in corrections.waiting(user=user):
            if row.correction == Correction.NEEDED:
                must_know.append(row)
            else:
                wrote_since.append(row)
    urgent = _lines(user, tips.urgent_waiting().order_by(*OLDEST), keys)
    referrals = (
        Referral.objects.visible_to(user)
        if user.has_perm(VIEW_REFERRAL)
        else Referral.objects.none()
    )
    return {
        "alert": alert(user),
        "must_know": must_know,
        "wrote_since": wrote_since,
        "wrong_results": results.to_read(by=user),
        "stuck": stuck.stuck(referrals, today=today),
        "duties": duties(user),
        "waits": counts,
        "tabs": [
            {
                "name": name,
                "waits": counts[name],
                "query_string": f"{tip_list}?{views[name]}",
                "display": words,
            }
            for name, words in tabs(counts).items()
        ],
        "unnamed": {
            "count": counts["urgent"] - len(urgent),
            "address": f"{tip_list}?waiting=urgent",
        },
        "for_me": [
            *urgent,
            *_lines(user, tips.unsure_waiting().order_by(*OLDEST), keys),
            *_lines(user, own, keys),
        ],
        "answered": _lines(user, tips.answered().order_by(*OLDEST)),
        "to_look_at_again": _lines(user, again.order_by("look_again", "pk")),
        "taken_tips": _lines(
            user, tips.taken().exclude(assignee=user.pk).order_by("acknowledged_at"), keys
        ),
    }


def _lines(user: User, tips: TipQuerySet, keys: Keys | None = None) -> list[dict[str, Any]]:
    """Return the first tips as the first screen names them: from what stands in clear.

    With keys also what the senders of urgent ones ticked, and then those with children or weapons come first; and why a
    colleague gave one to the member, once that is on the record. Nothing of that is stored.
    """
    rows = list(tips.select_related("assignee")[: triaging.LOOKED_AT if keys else SHOWN])
    answers = (
        opening.about_danger(tips=[tip for tip in rows if tip.opened and tip.urgent], keys=keys)
        if keys
        else {}
    )
    if keys:
        rows.sort(key=lambda tip: (-tip.rank, danger_place(answers.get(tip.pk, []))))
    handed = opening.handed_over(tips=rows[:SHOWN], to=user, keys=keys)
    lines = []
    for tip in rows[:SHOWN]:
        line = {
            "tip": tip,
            "received": reading.received(tip),
            "kind": questions.label("kind", tip.category),
            "chips": signs.marks(tip, answers.get(tip.pk, [])),
            "handed": handed.get(tip.reference),
            "act": _act(tip, user),
        }
        lines.append(line)
    return lines


def _act(tip: Tip, user: User) -> str:
    """Return the address of the button beside a tip: “I have it” or “Hand back”; nothing for who may not press it."""
    if tip.rank == URGENT and user.has_perm(TRIAGE_TIP):
        return reverse("admin:reports_tip_acknowledge", args=[tip.pk])
    is_taken = tip.urgent and tip.acknowledged_at and not tip.decided
    if is_taken and (user.get_username() == tip.acknowledged_by or user.has_perm(RUN_DESK)):
        return reverse("admin:reports_tip_hand-back", args=[tip.pk])
    return ""


@needs(RUN_DESK)
def for_team_leads(request: HttpRequest) -> HttpResponse:
    """Show the links to what only team leads look through."""
    by = cast("User", request.user)
    unanswered = results.unanswered(by=by, today=timezone.localdate())
    context = page(request, title="For team leads") | {"unanswered": unanswered}
    return TemplateResponse(request, "admin/reports/home/team_leads.html", context)


def rooms(app_list: list[Any]) -> list[dict[str, Any]]:
    """Return Django's list of what a user may open, without what the bar above leads to."""
    listed = (Tip, Enquiry, Outcome, Referral, AuditEvent)
    apps = []
    for app in app_list:
        models = [model for model in app["models"] if model["model"] not in listed]
        if models:
            apps.append(app | {"models": models})
    return apps
