"""The rows that belong to an article, in its form: with one empty row each, so that no script is needed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from newsroom.admin.base import CHANGE, PICKERS, VIEW, OfArticles
from newsroom.domain import revisions
from newsroom.models import Correction, KeyFact, RelatedLink, TimelineStep

LAST = 10_000  # the place of a row without one


class RowsFormSet(forms.BaseInlineFormSet):
    """Rows of which each is shown as a new one, with an empty one after them."""

    def __init__(
        self, *args: Any, initial: list[dict[str, Any]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        self.extra = len(initial or []) + 1

    @property
    def filled(self) -> int:
        """How many rows hold something."""
        count = 0
        for form in self.forms:
            is_filled = (
                form.has_changed() if form.is_bound else bool(form.initial or form.instance.pk)
            )
            count += is_filled
        return count


class ArticleInline(OfArticles, admin.StackedInline):
    """Rows of an article, with its permissions; stacked, so that they fit a phone.

    An editor's form shows the rows of the working copy, each as a new one: saving replaces them all.
    """

    rights = OfArticles.rights | {"delete": CHANGE}
    formset = RowsFormSet
    classes = ("collapse",)
    template = "admin/newsroom/article/rows.html"
    formfield_overrides = PICKERS


class OrderedForm(forms.ModelForm):
    """A row with its place among the others, counted from one."""

    place = forms.IntegerField(label="Place", required=False, min_value=1, max_value=99)


def rows(formset: Any) -> list[list[str]]:
    """Return the rows of a formset that are whole, as revisions hold them, by their places; those without come last."""
    whole = [form for form in formset.forms if form.has_changed() and form.is_valid()]
    whole = [form for form in whole if not form.cleaned_data.get("DELETE")]
    whole.sort(key=lambda form: form.cleaned_data.get("place") or LAST)
    return [revisions.as_list(formset.prefix, form.instance) for form in whole]


class KeyFactInline(ArticleInline):
    """The figures beside the article."""

    model = KeyFact
    form = OrderedForm
    fields = [("place", "figure", "text")]


class RelatedLinkInline(ArticleInline):
    """Links to reports elsewhere."""

    model = RelatedLink
    form = OrderedForm
    fields = [("place", "title", "url")]


class TimelineStepInline(ArticleInline):
    """The article's timeline."""

    model = TimelineStep
    fields = [("date", "stage", "text")]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out residents' reports: only a released outcome may say that."""
        stages = [
            choice for choice in db_field.get_choices() if choice[0] != TimelineStep.Stage.REPORT
        ]
        return super().formfield_for_choice_field(db_field, request, choices=stages, **kwargs)


class CorrectionInline(ArticleInline):
    """The corrections, read only: “Correct” adds one."""

    model = Correction
    rights = {"view": VIEW}
    fields = [("at", "text")]
