"""The editor's actions on an article, one view each: its words, its form and its verb of `newsroom.domain.editing`."""

from collections.abc import Callable
from typing import Any, ClassVar, override

from django.contrib import admin, messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from newsroom.admin.base import CHANGE, editor
from newsroom.admin.forms import ActionForm, CorrectForm, ScheduleForm, WithdrawForm
from newsroom.domain import editing
from newsroom.domain.errors import NewsroomError
from newsroom.models import Article


class ArticleActionView(PermissionRequiredMixin, FormView):
    """Ask for what an action needs, call its verb with that, say what was done and go back to the article.

    A form that is not valid, or that the verb refuses, is shown again with status 422 and with all that was typed.
    """

    permission_required = CHANGE
    raise_exception = True
    http_method_names = ["get", "head", "post", "options"]
    template_name = "admin/newsroom/article/action.html"
    form_class: type[ActionForm] = ActionForm

    action: ClassVar[str]
    button: ClassVar[str | Promise]
    title: ClassVar[str | Promise]
    explanation: ClassVar[str | Promise]
    done: ClassVar[str | Promise]
    final: ClassVar[bool] = False  # cannot be undone
    verb: ClassVar[Callable[..., object]]

    @cached_property
    def article(self) -> Article:
        """Return the article that the address names; raises Http404."""
        return get_object_or_404(Article, pk=self.kwargs["pk"])

    @override
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"article": self.article}

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            **admin.site.each_context(self.request),
            "title": self.title,
            "opts": Article._meta,  # noqa: SLF001 - Django's public name
            "article": self.article,
            "possible": editing.can(self.article, self.action),
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
        except NewsroomError as refusal:
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
    view.action: view for view in (Publish, Schedule, Unschedule, Correct, Pin, Unpin, Withdraw, Discard)
}
SAVE_AND = {"schedule": _("Save and schedule"), "publish": _("Save and publish")}


def change_form_context(article: Article | None) -> dict[str, Any]:
    """Return what an article's form shows besides its fields: its state, its last revision and its actions.

    `onward` are the actions that the form saves for first, `actions` the others; both by name, with their buttons.
    """
    if article is None:
        return {"onward": list(SAVE_AND.items())}
    hidden = "unpin" if not article.pinned else "pin"
    possible = [name for name in ACTIONS if name != hidden and editing.can(article, name)]
    return {
        "state": editing.state(article),
        "newest": article.revisions.first(),
        "old_slugs": list(article.redirects.values_list("old_slug", flat=True)),
        "appeals": list(article.appeals.all()),
        "actions": [(name, ACTIONS[name].button) for name in possible if name not in SAVE_AND],
        "onward": [(name, SAVE_AND[name]) for name in possible if name in SAVE_AND],
    }
