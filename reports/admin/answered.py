"""How many tips answer each appeal: for staff only, as the newsroom knows nothing of tips."""

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from reports.admin.unlocking import page
from reports.domain.outcomes import appeals


def counts(request: HttpRequest) -> HttpResponse:
    """Show the counts."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    rows = appeals.counts(by=cast("User", request.user))
    context = page(request, title=_("Tips by appeal")) | {"rows": rows}
    return TemplateResponse(request, "admin/appeals.html", context)
