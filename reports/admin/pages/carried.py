"""What a member posted after they had been signed out, or had signed in again elsewhere: carried on, never done.

It stands as ciphertext in the page that answers, and nowhere else: in no anonymous session and in no table
(`core/carried_form.py`). Once the member whose page it was signs in, a text of the desk is their draft; a
story's form stands in its boxes. Only what a page of ours sent is carried: a signed field names member and page, and
its Origin is ours.
"""

from typing import NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from core import carried_form
from core.rights import STAFF, needs
from core.sent import sent_text
from reports.admin.pages import page_drafts
from reports.admin.pages.lock import page
from reports.domain import drafts
from reports.security import errors


class Carried(NamedTuple):
    """What a page carries: the field's value, and the form in it."""

    token: str
    form: carried_form.CarriedForm

    @property
    def is_draft(self) -> bool:
        """Return whether it is a text of the desk, and no story's form."""
        return "draft" in self.form.typed

    @property
    def goes_to(self) -> str:
        """Return the address that takes it: a story's form opens at its own."""
        if self.is_draft:
            return reverse("admin:reports_draft_carried")
        return self.form.at


def posted(request: HttpRequest) -> Carried | None:
    """Return what a request posted of its page, sealed; None if it is not to be carried.

    That is a request that another site sent, that names no page of ours, or with nothing typed or too much in it; and
    a page of the desk of somebody without a key, who could not open it.
    """
    if request.method != "POST" or not page_drafts.is_our_own(request):
        return None
    form = _of_the_desk(request) or _of_a_story(request)
    token = carried_form.seal(form) if form else ""
    if form and token:
        return Carried(token, form)
    return None


def _of_the_desk(request: HttpRequest) -> carried_form.CarriedForm | None:
    was = page_drafts.page_of(request.POST)
    if was is None or not was.changed(request.POST):
        return None
    member = User.objects.filter(pk=was.member, is_active=True).first()
    if member is None or not drafts.may_keep(user=member):
        return None
    return carried_form.CarriedForm(
        was.member, was.at, was.sent(request.POST) | {"draft": [was.token()]}
    )


def _of_a_story(request: HttpRequest) -> carried_form.CarriedForm | None:
    page_named = carried_form.page_of(sent_text(request.POST, "signed_page"))
    typed = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    if page_named:
        return carried_form.CarriedForm(*page_named, typed)
    return None


def again(request: HttpRequest) -> Carried | None:
    """Return what the page before carried; None for nothing, and for what is not ours, or too old."""
    token = sent_text(request.POST, "carried")
    form = carried_form.opened(token)
    return Carried(token, form) if form else None


def adopt(request: HttpRequest, carried: Carried) -> HttpResponse | None:
    """Give it to the member who has signed in, if it is theirs; anybody else's is dropped.

    A text of the desk becomes a draft. For a story's form the page is returned that leads back to it, once its editor
    presses the button.
    """
    if request.user.pk != carried.form.member:
        messages.warning(
            request, "Someone else typed the text that was on this page. We have deleted it."
        )
    elif not carried.is_draft:
        return _offer_again(request, carried, title="You are signed in")
    elif page_drafts.save(request, posted=MultiValueDict(carried.form.typed)):
        messages.info(request, page_drafts.KEPT)
    return None


@needs(post=STAFF)
def go_on(request: HttpRequest) -> HttpResponse:
    """Take what the page about an outdated form carried, and go to the page that it is of."""
    carried = again(request)
    if carried is None:
        return redirect("admin:index")
    return adopt(request, carried) or redirect(carried.form.at)


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with an outdated CSRF token, and carry what it sent.

    Most often somebody has signed in again in another tab, or their session has ended with the browser.
    """
    carried = None
    if hasattr(request, "user") and page_drafts.is_our_own(request):
        carried = posted(request) or again(request)
    if carried is None:
        return errors.stale_form(request, reason)
    if request.user.is_anonymous:
        return sign_in_first(request, carried)
    return _offer_again(
        request, carried, title="You signed in again after this page was opened", status=403
    )


def _offer_again(
    request: HttpRequest, carried: Carried, *, title: str, status: int = 200
) -> HttpResponse:
    context = page(request, title=title) | {"carried": carried}
    return TemplateResponse(
        request, "admin/reports/people/sign_in/outdated.html", context, status=status
    )


def sign_in_first(request: HttpRequest, carried: Carried) -> HttpResponse:
    """Return the sign-in page with what is carried, in answer to what a member posted who is signed out."""
    form = cast("type[AuthenticationForm]", admin.site.login_form)(request)
    own = {
        "form": form,
        "app_path": reverse("admin:login"),
        "next": carried.form.at,
        "carried": carried,
    }
    context = page(request, title="Sign in") | own
    return TemplateResponse(request, "admin/login.html", context, status=403)
