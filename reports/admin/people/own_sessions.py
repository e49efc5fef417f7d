"""A member's own sessions: where they are signed in, and the button that ends all others and locks this one."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from core.rights import STAFF, needs
from reports.admin.desk import lock
from reports.domain.people import sessions
from reports.security.sessions import row_of


@needs(STAFF)
def show(request: HttpRequest) -> HttpResponse:
    """List where the member is signed in."""
    rows = sessions.listed(user=cast("User", request.user), here=row_of(request))
    context = lock.page(request, title="Where you are signed in") | {"sessions": rows}
    return TemplateResponse(request, "admin/reports/people/sessions.html", context)


@needs(post=STAFF)
def lock_everywhere(request: HttpRequest) -> HttpResponse:
    """End the member's sessions everywhere else, and lock the desk in this one."""
    sessions.end_elsewhere(by=cast("User", request.user), here=row_of(request))
    lock.lock(request)
    messages.success(request, "You are signed out everywhere else, and the desk is locked here.")
    return redirect("admin:sessions")
