"""What can be done with an article from its page, one row each: the words, the form and the verb."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.forms import ActForm, CorrectForm, ScheduleForm, WithdrawForm
from newsroom.admin.rooms import editor
from newsroom.domain import editing
from newsroom.domain.errors import NewsroomError
from newsroom.models import Article


class Act(NamedTuple):
    """One act: `do` takes the article, the editor and what was typed; `final` is one that cannot be undone."""

    button: str | Promise
    title: str | Promise
    explained: str | Promise
    done: str | Promise
    do: Callable[..., object]
    form: type[ActForm] = ActForm
    final: bool = False


ACTS: dict[str, Act] = {
    "publish": Act(
        gettext_lazy("Publish"),
        gettext_lazy("Publish this story now?"),
        gettext_lazy(
            "Readers, feeds and search engines see it at once. Afterwards it can be changed, corrected and"
            " withdrawn, but never deleted."
        ),
        gettext_lazy("The story is out."),
        editing.publish,
        final=True,
    ),
    "schedule": Act(
        gettext_lazy("Schedule"),
        gettext_lazy("When shall this story appear?"),
        gettext_lazy("Nobody sees it before that time, on no page and in no feed. You can change it until then."),
        gettext_lazy("The story is scheduled."),
        editing.schedule,
        ScheduleForm,
    ),
    "unschedule": Act(
        gettext_lazy("Back to a draft"),
        gettext_lazy("Make this story a draft again?"),
        gettext_lazy("It will not appear by itself any more."),
        gettext_lazy("The story is a draft again."),
        editing.unschedule,
    ),
    "correct": Act(
        gettext_lazy("Correct"),
        gettext_lazy("Correct this story"),
        gettext_lazy("Say what was wrong as plainly as the mistake was made. A correction stays for good."),
        gettext_lazy("The correction is on the story."),
        editing.correct,
        CorrectForm,
        final=True,
    ),
    "pin": Act(
        gettext_lazy("Lead the front page"),
        gettext_lazy("Let this story lead the front page?"),
        gettext_lazy("It stays on top, whatever is newer, until another leads or you let it go."),
        gettext_lazy("The story leads the front page."),
        editing.pin,
    ),
    "unpin": Act(
        gettext_lazy("Lead no longer"),
        gettext_lazy("Let the newest story lead again?"),
        gettext_lazy("This story then stands where its date puts it."),
        gettext_lazy("The newest story leads the front page."),
        editing.unpin,
    ),
    "withdraw": Act(
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdraw this story for good?"),
        gettext_lazy(
            "It leaves every page and feed at once, its appeal closes, and it cannot come back. Its address then"
            " says your sentence."
        ),
        gettext_lazy("The story is withdrawn."),
        editing.withdraw,
        WithdrawForm,
        final=True,
    ),
    "discard": Act(
        gettext_lazy("Throw away"),
        gettext_lazy("Throw this draft away?"),
        gettext_lazy("The draft and its revisions are deleted. Nobody can bring them back."),
        gettext_lazy("The draft is gone."),
        editing.discard,
        final=True,
    ),
}
TYPED = ("when", "note", "text", "body", "at")  # what the forms ask for beside the press of the button


def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Ask, then do one act on an article and say what was done."""
    if not request.user.has_perm("newsroom.change_article"):
        raise PermissionDenied
    article, wanted = get_object_or_404(Article, pk=pk), ACTS[name]
    form = wanted.form(request.POST if request.method == "POST" else None, article=article)
    if request.method == "POST" and form.is_valid() and _done(request, article, name, form):
        messages.success(request, str(wanted.done))
        if name == "discard":
            return redirect("admin:newsroom_article_changelist")
        return redirect("admin:newsroom_article_change", pk)
    context = {
        "title": wanted.title,
        "opts": Article._meta,  # noqa: SLF001 - Django's public name
        "article": article,
        "act": wanted,
        "form": form,
        "possible": editing.can(article, name),
    }
    status = 422 if form.errors else 200
    template = "admin/newsroom/article/act.html"
    return TemplateResponse(request, template, admin.site.each_context(request) | context, status=status)


def _done(request: HttpRequest, article: Article, name: str, form: ActForm) -> bool:
    """Call the verb; show what it refuses, with what was typed kept."""
    typed: dict[str, Any] = {key: form.cleaned_data[key] for key in TYPED if key in form.cleaned_data}
    if name == "correct":
        typed["seen"] = form.cleaned_data["seen"]
    try:
        ACTS[name].do(article=article, by=editor(request), **typed)
    except ValidationError as refused:
        form.say(refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages})
    except NewsroomError as refused:
        form.say({"": [str(refused)]})
    return not form.errors


def standing(article: Article | None) -> dict[str, Any]:
    """Return what the article's form says about where it stands: its state, its last revision and its acts."""
    if article is None:
        return {"onward": [("schedule", _("Save and schedule")), ("publish", _("Save and publish"))]}
    possible = {name: wanted for name, wanted in ACTS.items() if editing.can(article, name)}
    if article.pinned:
        possible.pop("pin", None)
    else:
        possible.pop("unpin", None)
    with_text = ("schedule", "publish")
    return {
        "state": editing.state(article),
        "newest": article.revisions.first(),
        "left": list(article.redirects.values_list("old_slug", flat=True)),
        "asks": list(article.appeals.all()),
        "acts": [(name, wanted.button) for name, wanted in possible.items() if name not in with_text],
        "onward": [(name, _save_and(name)) for name in possible if name in with_text],
    }


def _save_and(name: str) -> str:
    return _("Save and publish") if name == "publish" else _("Save and schedule")
