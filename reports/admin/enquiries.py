"""Enquiries on the desk: the list, a page for each, and what can be done there. All acts work on a locked desk too."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import history, lock
from reports.admin.lists import PlainList
from reports.admin.lock import PhraseForm, page
from reports.admin.naming import row_or_404
from reports.domain import enquiries, triage
from reports.domain.errors import Hidden, Refused
from reports.domain.outcomes import articles
from reports.domain.triage import relations
from reports.models import Enquiry, Tip

SHOWN = 200  # linked tips that the page lists


class State(NamedTuple):
    """What an act that did not go through leaves on the page: which act, what was typed in it, and why not."""

    act: str = ""
    typed: Mapping[str, str] = {}
    error: str = ""


def _member(request: HttpRequest) -> User:
    return cast("User", request.user)


def _rename(request: HttpRequest, enquiry: Enquiry) -> str:
    enquiries.rename(enquiry=enquiry, codename=request.POST.get("codename", ""), by=_member(request))
    return _("The codename is “%(name)s” now.") % {"name": enquiry.codename}


def _summarise(request: HttpRequest, enquiry: Enquiry) -> str:
    seen = request.POST.get("seen", "")
    enquiries.summarise(
        enquiry=enquiry,
        text=request.POST.get("text", ""),
        seen=int(seen) if seen.isdecimal() else 0,
        by=_member(request),
    )
    return _("The summary is saved and sealed.")


def _move(request: HttpRequest, enquiry: Enquiry) -> str:
    enquiries.move(enquiry=enquiry, to=request.POST.get("to", ""), by=_member(request))
    return _("“%(name)s” is now: %(status)s.") % {"name": enquiry.codename, "status": enquiry.get_status_display()}


def _tip(request: HttpRequest) -> Tip:
    wanted = request.POST.get("tip", "").strip().upper()
    found = Tip.objects.visible_to(request.user).filter(reference=wanted).first()
    if found is None:
        raise Refused(_("There is no tip with this reference. It looks like K7QX-94MW."))
    return found


def _link(request: HttpRequest, enquiry: Enquiry) -> str:
    tip = _tip(request)
    enquiries.link(tip=tip, enquiry=enquiry, by=_member(request))
    return _("%(tip)s: now part of “%(enquiry)s”.") % {"tip": tip.reference, "enquiry": enquiry.codename}


def _unlink(request: HttpRequest, enquiry: Enquiry) -> str:
    tip = _tip(request)
    enquiries.unlink(tip=tip, enquiry=enquiry, by=_member(request))
    return _("%(tip)s: no longer part of “%(enquiry)s”.") % {"tip": tip.reference, "enquiry": enquiry.codename}


def _colleague(request: HttpRequest) -> User:
    chosen = request.POST.get("member", "")
    found = User.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
    if found is None:
        raise Refused(_("Choose a colleague."))
    return found


def _join(request: HttpRequest, enquiry: Enquiry) -> str:
    member = _colleague(request)
    enquiries.join(enquiry=enquiry, member=member, by=_member(request))
    return _("On it now: %(name)s.") % {"name": member.get_username()}


def _leave(request: HttpRequest, enquiry: Enquiry) -> str:
    member = _colleague(request)
    enquiries.leave(enquiry=enquiry, member=member, by=_member(request))
    return _("No longer on it: %(name)s.") % {"name": member.get_username()}


def _story(request: HttpRequest) -> int:
    chosen = request.POST.get("article", "")
    if not chosen.isdecimal():
        raise Refused(_("Choose a story."))
    return int(chosen)


def _tell(request: HttpRequest, enquiry: Enquiry) -> str:
    articles.tell(enquiry=enquiry, article=_story(request), by=_member(request))
    return _("The story is named. Stories that tell of one enquiry name each other on their pages.")


def _untell(request: HttpRequest, enquiry: Enquiry) -> str:
    articles.untell(enquiry=enquiry, article=_story(request), by=_member(request))
    return _("The story is not named any more.")


ACTS: dict[str, Callable[[HttpRequest, Enquiry], str]] = {
    "rename": _rename,
    "summarise": _summarise,
    "move": _move,
    "link": _link,
    "unlink": _unlink,
    "join": _join,
    "leave": _leave,
    "tell": _tell,
    "untell": _untell,
}


class EnquiryAdmin(PlainList):
    """Lines of enquiry: begun and changed by the domain's verbs, on pages of their own."""

    list_display = ["codename", "status", "tips", "when", "who"]
    list_display_links = ["codename"]
    list_filter = ["status"]
    change_list_template = "admin/reports/enquiry/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an enquiry."""
        wrap = self.admin_site.admin_view
        acts = [
            path(f"<uuid:pk>/{name}/", wrap(partial(act, name=name)), name=f"reports_enquiry_{name}") for name in ACTS
        ]
        return [path("begin/", wrap(begin), name="reports_enquiry_begin"), *acts, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enquiry]:
        """Return the enquiries with their counts, as far as the member may know them."""
        return enquiries.counted(by=_member(request)).defer("sealed").prefetch_related("people")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its name."""
        return super().changelist_view(request, {"title": _("Enquiries"), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an enquiry; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return show(request, enquiry_for(request, object_id, right="reports.view_enquiry"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the enquiry: its history stands on its page."""
        return redirect(
            "admin:reports_enquiry_change", enquiry_for(request, object_id, right="reports.view_enquiry").pk
        )

    @admin.display(description=gettext_lazy("tips"))
    def tips(self, enquiry: Enquiry) -> int:
        """Return how many tips are linked that the member may see."""
        return int(vars(enquiry)["tip_count"])

    @admin.display(description=gettext_lazy("opened"))
    def when(self, enquiry: Enquiry) -> str:
        """Return the week in which it was opened."""
        return _("week of %(day)s") % {"day": formats.date_format(enquiry.week, "j M Y")}

    @admin.display(description=gettext_lazy("people on it"))
    def who(self, enquiry: Enquiry) -> str:
        """Return who works on it."""
        return ", ".join(sorted(member.get_username() for member in enquiry.people.all())) or "–"


def enquiry_for(request: HttpRequest, pk: str, *, right: str) -> Enquiry:
    """Return an enquiry that the member may look at or act on."""
    if not request.user.has_perms(["reports.view_enquiry", right]):
        raise PermissionDenied
    return row_or_404(Enquiry.objects.select_related("article"), pk=pk)


@require_POST
def act(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """Do one act on an enquiry, say what was done, and go back; a refusal keeps what was typed."""
    enquiry = enquiry_for(request, pk, right="reports.triage_tip")
    try:
        messages.success(request, ACTS[name](request, enquiry))
    except Refused as refusal:
        enquiry.refresh_from_db()
        return show(request, enquiry, State(name, request.POST, str(refusal)))
    return redirect("admin:reports_enquiry_change", enquiry.pk)


def begin(request: HttpRequest) -> HttpResponse:
    """Ask for a codename and a summary, and begin an enquiry."""
    if not request.user.has_perms(["reports.view_enquiry", "reports.triage_tip"]):
        raise PermissionDenied
    codename, summary, problem = request.POST.get("codename", ""), request.POST.get("text", ""), ""
    if request.method == "POST":
        try:
            new = enquiries.begin(codename=codename, summary=summary, by=_member(request))
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("“%(name)s” is open.") % {"name": new.codename})
            return redirect("admin:reports_enquiry_change", new.pk)
    context = page(request, title=_("Begin an enquiry")) | {
        "codename": codename if request.method == "POST" else enquiries.new_codename(),
        "summary": summary,
        "problem": problem,
        "opts": Enquiry._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/enquiry/begin.html", context)


def show(request: HttpRequest, enquiry: Enquiry, state: State | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the summary is shown, after its reading is recorded."""
    by, keys = _member(request), lock.keys_of(request)
    summary, hidden = None, ""
    try:
        enquiries.require_summary(enquiry=enquiry, by=by)
        summary = (
            enquiries.read(enquiry=enquiry, by=by, keys=keys) if keys and by.has_perm("reports.read_tip") else None
        )
    except Hidden as refusal:
        hidden = str(refusal)
    on_it = list(enquiries.colleagues(enquiry=enquiry))
    linked = list(enquiries.links(enquiry=enquiry, by=by))
    context = page(request, title=enquiry.codename) | {
        "enquiry": enquiry,
        "state": state or State(),
        "summary": summary,
        "hidden": hidden,
        "links": linked[:SHOWN],
        "link_count": len(linked),
        "sources": relations.sources(tips=[link.tip for link in linked], by=by),
        "moves": enquiries.moves_from(enquiry.status),
        "stories": articles.stories(enquiry=enquiry),
        "choices": articles.choices(enquiry=enquiry),
        "on_it": on_it,
        "others": [one for one in triage.members() if one not in on_it],
        "lines": [(event, history.in_words(event)) for event in enquiries.timeline(enquiry=enquiry, by=by)],
        "phrase_form": PhraseForm(),
        "next": reverse("admin:reports_enquiry_change", args=[enquiry.pk]),
    }
    return TemplateResponse(request, "admin/reports/enquiry/enquiry.html", context)
