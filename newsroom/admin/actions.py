"""The editor's actions on an article, one view each: its words, its form and its verb of `newsroom.domain.editing`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, override

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from newsroom.admin import carried
from newsroom.admin.base import CHANGE, editor
from newsroom.admin.forms import (
    ActionForm,
    ChangesForm,
    CorrectForm,
    DropChangesForm,
    ScheduleChangesForm,
    ScheduleForm,
    WithdrawForm,
)
from newsroom.admin.rights import NeedsRight
from newsroom.domain import editing, working_copies
from newsroom.domain.errors import Refused
from newsroom.models import Article


class ArticleActionView(NeedsRight, FormView):
    """Ask for what an action needs, call its verb with that, say what was done and go back to the article.

    A form that is not valid, or that the verb refuses, is shown again with status 422 and with all that was typed.
    """

    right = CHANGE
    http_method_names = ["get", "head", "post", "options"]
    template_name = "admin/newsroom/article/action.html"
    form_class: type[ActionForm] = ActionForm

    action: ClassVar[str]
    button: ClassVar[str | Promise]
    title: ClassVar[str | Promise]
    explanation: ClassVar[str | Promise]
    done: ClassVar[str | Promise]
    final: ClassVar[bool] = False  # cannot be undone
    shows_changes: ClassVar[bool] = False  # what publishing the working copy would change
    verb: ClassVar[Callable[..., object]]

    @cached_property
    def article(self) -> Article:
        """Return the article that the address names; raises Http404."""
        return get_object_or_404(Article, pk=self.kwargs["pk"])

    @override
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"article": self.article}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it; what its editor sent while they were signed out stands in the boxes, and nothing is done."""
        found = carried.brought(request)
        if found is None:
            return super().post(request, *args, **kwargs)
        if found.at != request.path:
            return carried.elsewhere(request, found)
        form = self.form_class(initial=self.get_initial(), article=self.article)
        carried.put(form, found.typed)
        messages.warning(request, carried.NOT_SAVED)
        return self.render_to_response(self.get_context_data(form=form))

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        copy = working_copies.find(article=self.article)
        return super().get_context_data(**kwargs) | {
            **admin.site.each_context(self.request),
            "title": self.title,
            "opts": Article._meta,  # noqa: SLF001 - Django's public name
            "article": self.article,
            "possible": editing.can(self.article, self.action),
            "differences": working_copies.differences(copy=copy) if self.shows_changes and copy else [],
            "copy": copy,
            "signed_page": carried.sign_page(self.request),
        }

    @override
    def get_success_url(self) -> str:
        return reverse("admin:newsroom_article_change", args=[self.kwargs["pk"]])

    @override
    def form_valid(self, form: ActionForm) -> HttpResponse:
        try:
            self.verb(article=self.article, by=editor(self.request), **form.cleaned_data)
        except ValidationError as refusal:
            form.add_errors(refusal)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        if form.errors:
            return self.form_invalid(form)
        messages.success(self.request, str(self.done))
        return super().form_valid(form)

    @override
    def form_invalid(self, form: ActionForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Publish(ArticleActionView):
    """Publish an article now."""

    action = "publish"
    button = _("Publish")
    title = _("Publish this story now?")
    explanation = _(
        "Readers, feeds and search engines see it at once. Afterwards it can be changed, corrected and withdrawn, but"
        " never deleted."
    )
    done = _("The story is out.")
    final = True
    verb = staticmethod(editing.publish)


class Schedule(ArticleActionView):
    """Set the time at which an article appears."""

    action = "schedule"
    button = _("Schedule")
    title = _("When shall this story appear?")
    explanation = _("Nobody sees it before that time, on no page and in no feed. You can change it until then.")
    done = _("The story is scheduled.")
    form_class = ScheduleForm
    verb = staticmethod(editing.schedule)


class PublishChanges(ArticleActionView):
    """Let readers see the saved changes now."""

    action = "publish_changes"
    button = _("Publish these changes")
    title = _("Publish these changes now?")
    explanation = _("Readers, feeds and search engines see them at once.")
    done = _("The changes are out.")
    form_class = ChangesForm
    final = shows_changes = True
    verb = staticmethod(working_copies.publish_changes)


class ScheduleChanges(ArticleActionView):
    """Set the time at which the saved changes appear."""

    action = "schedule_changes"
    button = _("Schedule these changes")
    title = _("When shall these changes appear?")
    explanation = _(
        "Until then readers see the story as it is. A correction made meanwhile takes the time away, and the changes"
        " must be looked at again."
    )
    done = _("The changes are scheduled.")
    form_class = ScheduleChangesForm
    shows_changes = True
    verb = staticmethod(working_copies.schedule_changes)


class UnscheduleChanges(ArticleActionView):
    """Keep the saved changes without a time."""

    action = "unschedule_changes"
    button = _("Unschedule the changes")
    title = _("Take the time from these changes?")
    explanation = _("They are kept, and appear only when you publish them.")
    done = _("The changes are kept, without a time.")
    verb = staticmethod(working_copies.unschedule_changes)


class DropChanges(ArticleActionView):
    """Delete the working copy."""

    action = "drop_changes"
    button = _("Drop the changes")
    title = _("Drop everything that is not public?")
    explanation = _("The saved changes, and what was typed and not saved, are deleted. The story stays as it is.")
    done = _("The changes are gone.")
    form_class = DropChangesForm
    final = shows_changes = True
    verb = staticmethod(working_copies.drop_changes)


class Unschedule(ArticleActionView):
    """Make a scheduled article a draft again."""

    action = "unschedule"
    button = _("Back to a draft")
    title = _("Make this story a draft again?")
    explanation = _("It will not appear by itself any more.")
    done = _("The story is a draft again.")
    verb = staticmethod(editing.unschedule)


class Correct(ArticleActionView):
    """Correct a published article, and tell readers."""

    action = "correct"
    button = _("Correct")
    title = _("Correct this story")
    explanation = _("Say what was wrong as plainly as the mistake was made. A correction stays for good.")
    done = _("The correction is on the story.")
    form_class = CorrectForm
    final = True
    verb = staticmethod(editing.correct)


class Pin(ArticleActionView):
    """Let an article lead the front page."""

    action = "pin"
    button = _("Lead the front page")
    title = _("Let this story lead the front page?")
    explanation = _("It stays on top, whatever is newer, until another leads or you let it go.")
    done = _("The story leads the front page.")
    verb = staticmethod(editing.pin)


class Unpin(ArticleActionView):
    """Let the newest article lead the front page again."""

    action = "unpin"
    button = _("Lead no longer")
    title = _("Let the newest story lead again?")
    explanation = _("This story then stands where its date puts it.")
    done = _("The newest story leads the front page.")
    verb = staticmethod(editing.unpin)


class Withdraw(ArticleActionView):
    """Withdraw a published article for good."""

    action = "withdraw"
    button = _("Withdraw")
    title = _("Withdraw this story for good?")
    explanation = _(
        "It leaves every page and feed at once, its appeal closes, and it cannot come back. Its address then says your"
        " sentence."
    )
    done = _("The story is withdrawn.")
    form_class = WithdrawForm
    final = True
    verb = staticmethod(editing.withdraw)


class Discard(ArticleActionView):
    """Delete a draft."""

    action = "discard"
    button = _("Throw away")
    title = _("Throw this draft away?")
    explanation = _("The draft and its revisions are deleted. Nobody can bring them back.")
    done = _("The draft is gone.")
    final = True
    verb = staticmethod(editing.discard)

    @override
    def get_success_url(self) -> str:
        return reverse("admin:newsroom_article_changelist")


ACTIONS: dict[str, type[ArticleActionView]] = {
    view.action: view
    for view in (
        *(Publish, Schedule, PublishChanges, ScheduleChanges, UnscheduleChanges, DropChanges),
        *(Unschedule, Correct, Pin, Unpin, Withdraw, Discard),
    )
}
# The actions that the form saves for first, with their buttons.
SAVE_AND = {
    "schedule": _("Save and schedule"),
    "publish": _("Save and publish"),
    "publish_changes": _("Publish these changes"),
    "schedule_changes": _("Schedule …"),
}
FRESH = timedelta(minutes=10)  # for which somebody who typed counts as writing


def change_form_context(article: Article | None) -> dict[str, Any]:
    """Return what an article's form shows besides its fields: its state, its last revision and its actions.

    `onward` are the actions that the form saves for first, `actions` the others; both by name, with their buttons.
    """
    if article is None:
        return {"onward": [(name, SAVE_AND[name]) for name in ("schedule", "publish")]}
    copy = working_copies.find(article=article)
    hidden = {"unpin" if not article.pinned else "pin"}
    if copy is None:
        hidden |= {"drop_changes"}
    if copy is None or copy.publish_at is None:
        hidden |= {"unschedule_changes"}
    possible = [name for name in ACTIONS if name not in hidden and editing.can(article, name)]
    return {
        "state": editing.state(article),
        "newest": article.revisions.first(),
        "copy": copy,
        "changed_parts": len(working_copies.differences(copy=copy)) if copy else 0,
        "brought_back": working_copies.brought_back(copy=copy),
        "writing_now": copy and copy.typed and copy.changed_at > timezone.now() - FRESH,
        "old_slugs": list(article.redirects.values_list("old_slug", flat=True)),
        "appeals": list(article.appeals.all()),
        "actions": [(name, ACTIONS[name].button) for name in possible if name not in SAVE_AND],
        "onward": [(name, SAVE_AND[name]) for name in possible if name in SAVE_AND],
    }
