"""The editor's acts on an article, a line of a table each: its words, its form and its verb of `newsroom.domain`."""

from collections.abc import Callable
from typing import Any, NamedTuple, override

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView

from core.errors import Refused
from core.rights import NeedsRight
from newsroom.admin import carried
from newsroom.admin.base import CHANGE, around, editor
from newsroom.admin.forms import (
    ArticleActionForm,
    ChangesForm,
    CopyForm,
    CorrectForm,
    FollowUpForm,
    PublishForm,
    ScheduleForm,
    WithdrawForm,
)
from newsroom.domain import editing, working_copies
from newsroom.models import Appeal, Article, WorkingCopy


class StoryAct(NamedTuple):
    """One act: what its page says, and the verb, which is called with the article, `by` and what its form has.

    `onward` is its button on the article's form, which saves first; `final` says that it cannot be undone. An act on
    the working copy shows what publishing that would change.
    """

    name: str
    button: str
    title: str
    explanation: str
    done: str
    verb: Callable[..., object]
    form_class: type[ArticleActionForm] = ArticleActionForm
    onward: str = ""
    final: bool = False
    to_read: tuple[str, ...] = ()


BEFORE_IT_IS_OUT = (
    "People under 18 and victims of sexual offences: leave out name, school, street, relatives and picture.",
    "Those whom the story accuses: say in it what they replied, or that you asked and they did not answer.",
)
ACTS = {
    act.name: act
    for act in (
        StoryAct(
            "publish",
            "Publish",
            "Publish this story now?",
            (
                "Readers, feeds and search engines will see it at once. After that you can change, correct or withdraw"
                " it, but you cannot delete it. Do not publish from one tip alone."
            ),
            "The story is published.",
            editing.publish,
            form_class=PublishForm,
            onward="Save and publish",
            final=True,
            to_read=BEFORE_IT_IS_OUT,
        ),
        StoryAct(
            "schedule",
            "Schedule",
            "When should this story appear?",
            "Readers will not see it on any page or feed before then. You can change it until then.",
            "The story is scheduled.",
            editing.schedule,
            onward="Save and schedule",
            form_class=ScheduleForm,
            to_read=BEFORE_IT_IS_OUT,
        ),
        StoryAct(
            "publish_changes",
            "Publish these changes",
            "Publish these changes now?",
            "Readers, feeds and search engines will see them at once. Do not publish from one tip alone.",
            "The changes are published.",
            working_copies.publish_changes,
            onward="Publish these changes",
            form_class=ChangesForm,
            final=True,
        ),
        StoryAct(
            "drop_changes",
            "Delete unpublished changes",
            "Delete everything that is not published?",
            "This deletes the saved changes, and what you typed and did not save. Readers will see no difference.",
            "The unpublished changes are deleted.",
            working_copies.drop_changes,
            form_class=CopyForm,
            final=True,
        ),
        StoryAct(
            "unschedule",
            "Unschedule",
            "Unschedule this story?",
            "It will become a draft again. It will not appear until you publish or schedule it.",
            "The story is a draft again.",
            editing.unschedule,
        ),
        StoryAct(
            "correct",
            "Correct",
            "Correct this story",
            "Say plainly what was wrong and what is right. A correction stays on the story permanently.",
            "The correction is on the story.",
            editing.correct,
            form_class=CorrectForm,
            final=True,
        ),
        StoryAct(
            "follow_up",
            "Update the case",
            "What became of those in this story?",
            "No arrest is the last word. Say how it went on, also if somebody was released or cleared.",
            "The case is updated.",
            editing.follow_up,
            form_class=FollowUpForm,
        ),
        StoryAct(
            "pin",
            "Move to top",
            "Move this story to the top of the front page?",
            "It will stay above newer stories until you move another story to the top or remove this one.",
            "The story is at the top of the front page.",
            editing.pin,
        ),
        StoryAct(
            "unpin",
            "Remove from top",
            "Remove this story from the top of the front page?",
            "It will appear in order of its date. The newest story will be at the top.",
            "The newest story is at the top of the front page.",
            editing.unpin,
        ),
        StoryAct(
            "withdraw",
            "Withdraw",
            "Withdraw this story permanently?",
            (
                "It comes off every page and feed now, its appeal closes, and it cannot come back. Its web address will"
                " show the explanation you write below."
            ),
            "The story is withdrawn.",
            editing.withdraw,
            form_class=WithdrawForm,
            final=True,
        ),
        StoryAct(
            "discard",
            "Delete draft",
            "Delete this draft?",
            "This deletes the draft and its revisions. Nobody can restore them.",
            "The draft is deleted.",
            editing.discard,
            final=True,
        ),
    )
}


DROP_TYPED = ACTS["drop_changes"]._replace(
    button="Delete what you typed",
    title="Delete what you typed and did not save?",
    explanation="Everything that was saved stays.",
    done="What you typed is deleted.",
)


def worded(act: StoryAct, *, copy: WorkingCopy | None) -> StoryAct:
    """Return an act as its pages name it: where no changes are saved, only what is typed can be deleted."""
    if act.name == "drop_changes" and copy is None:
        return DROP_TYPED
    return act


class ActView(NeedsRight, FormView):
    """Ask for what an act needs, call its verb with that, say what was done and go back to the article.

    A form that is not valid, or that the verb refuses, is shown again with status 422 and with all that was typed.
    """

    right = CHANGE
    template_name = "admin/newsroom/article/action.html"
    act: StoryAct = ACTS["publish"]

    @cached_property
    def article(self) -> Article:
        """Return the article that the address names; raises Http404."""
        return get_object_or_404(Article, pk=self.kwargs["pk"])

    @override
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"article": self.article}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it; what its editor sent while they were signed out stands in the boxes, and nothing is done."""
        typed = carried.brought(request)
        if typed is None:
            return super().post(request, *args, **kwargs)
        form = self.act.form_class(article=self.article)
        carried.put(form, typed)
        messages.warning(request, carried.NOT_SAVED)
        return self.render_to_response(self.get_context_data(form=form))

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        copy = working_copies.find(article=self.article)
        act = worded(self.act, copy=copy)
        differences = []
        if self.act.form_class.of_copy and copy:
            differences = working_copies.differences(copy=copy)
        return super().get_context_data(**kwargs) | {
            **around(self.request, title=act.title, article=self.article),
            "act": act,
            "possible": editing.can(self.article, self.act.name),
            "differences": differences,
            "copy": copy,
            "unsaved_texts": self.article.unsaved_texts.all(),
            "signed_page": carried.sign_page(self.request),
        }

    @override
    def get_success_url(self) -> str:
        if self.act.name == "discard":
            return reverse("admin:newsroom_article_changelist")
        return reverse("admin:newsroom_article_change", args=[self.kwargs["pk"]])

    @override
    def form_valid(self, form: ArticleActionForm) -> HttpResponse:
        done = worded(self.act, copy=working_copies.find(article=self.article)).done
        try:
            self.act.verb(article=self.article, by=editor(self.request), **form.cleaned_data)
        except (Refused, ValidationError) as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        messages.success(self.request, str(done))
        return super().form_valid(form)

    @override
    def form_invalid(self, form: ArticleActionForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def change_form_context(article: Article | None, *, by: User) -> dict[str, Any]:
    """Return what an article's form shows besides its fields: its state, its last revision and its actions.

    `onward` are the actions that the form saves for first, `actions` the others; both by name, with their buttons.
    """
    if article is None:
        return {"onward": [(name, ACTS[name].onward) for name in ("schedule", "publish")]}
    copy = working_copies.find(article=article)
    texts = list(article.unsaved_texts.all())
    unsaved = next((text for text in texts if text.changed_by == by.get_username()), None)
    hidden = {"pin" if article.pinned else "unpin"}
    if not copy and not unsaved:
        hidden.add("drop_changes")
    onward = []
    others = []
    for act in ACTS.values():
        if act.name in hidden or not editing.can(article, act.name):
            continue
        shown = worded(act, copy=copy)
        if shown.onward:
            onward.append((shown.name, shown.onward))
        else:
            others.append((shown.name, shown.button))
    return {
        "state": editing.state(article),
        "newest": article.revisions.first(),
        "copy": copy,
        "unsaved": unsaved,
        "others": [text for text in texts if text != unsaved],
        "changed_parts": len(working_copies.differences(copy=copy)) if copy else 0,
        "brought_back": working_copies.brought_back(copy=copy),
        "old_slugs": list(article.redirects.values_list("old_slug", flat=True)),
        "appeals": list(article.appeals.all()),
        "open_appeals": list(Appeal.objects.open().filter(article=article)),
        "actions": others,
        "onward": onward,
    }
