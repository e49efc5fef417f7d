"""A member's own sessions: where they are signed in, and the button that locks everywhere."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reports.admin import lock
from reports.admin.lock import page
from reports.domain.people import sessions
from reports.security.sessions import row_key


def mine(request: HttpRequest) -> HttpResponse:
    """List where the member is signed in."""
    found = sessions.listed(user=cast("User", request.user), here=_here(request))
    context = page(request, title=_("Where you are signed in")) | {"sessions": found}
    return TemplateResponse(request, "admin/sessions.html", context)


@require_POST
def lock_everywhere(request: HttpRequest) -> HttpResponse:
    """End the member's sessions everywhere else, and lock the desk in this one."""
    sessions.end_elsewhere(by=cast("User", request.user), here=_here(request))
    lock.lock(request)
    messages.success(request, _("You are signed out everywhere else, and the desk is locked here."))
    return redirect("admin:sessions")


def _here(request: HttpRequest) -> str:
    return row_key(request.session.session_key or "")
