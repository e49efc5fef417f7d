"""The rows that belong to an article, in its form: with one empty row each, so that no script is needed."""

from typing import Any, override

from django import forms
from django.contrib import admin
from django.db.models import F, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsroom.admin.base import CHANGE, PICKERS, VIEW
from newsroom.models import Correction, KeyFact, RelatedLink, TimelineStep

LAST = 10_000  # the place of a row without one
ASIDE = 1_000  # added to every place while rows change places, as no two may be equal


class ArticleInline(admin.StackedInline):
    """Rows of an article, with its permissions; stacked, so that they fit a phone."""

    extra = 1
    formfield_overrides = PICKERS

    @override
    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(VIEW)

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(CHANGE)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(CHANGE)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(CHANGE)


class OrderedForm(forms.ModelForm):
    """A row with its place among the others, counted from one."""

    place = forms.IntegerField(label=_("Place"), required=False, min_value=1, max_value=99)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["place"] = self.instance.order + 1


class OrderedFormSet(forms.BaseInlineFormSet):
    """Rows that are saved in the order of their places; a row without a place comes last."""

    def save(self, commit: bool = True) -> list[Any]:
        """Save every row and number them again."""
        rows: list[Any] = super().save(commit=False)
        for row in self.deleted_objects:
            row.delete()
        self.get_queryset().update(order=F("order") + ASIDE)
        filled = [form for form in self.forms if form.instance.pk or form.instance in rows]
        remaining = [form for form in filled if form.instance not in self.deleted_objects]
        remaining.sort(key=lambda form: form.cleaned_data.get("place") or LAST)
        for place, form in enumerate(remaining):
            form.instance.order = place
            form.instance.save()
        return rows


class KeyFactInline(ArticleInline):
    """The figures beside the article."""

    model = KeyFact
    form = OrderedForm
    formset = OrderedFormSet
    fields = [("place", "figure", "text")]


class RelatedLinkInline(ArticleInline):
    """Links to reports elsewhere."""

    model = RelatedLink
    form = OrderedForm
    formset = OrderedFormSet
    fields = [("place", "title", "url")]


class TimelineStepForm(forms.ModelForm):
    """A step of the timeline. Its stage is never residents' reports: only a released outcome may say that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "stage" in self.fields:
            stages: Any = self.fields["stage"]
            stages.choices = [choice for choice in stages.choices if choice[0] != TimelineStep.Stage.REPORT]


class TimelineStepInline(ArticleInline):
    """The article's timeline."""

    model = TimelineStep
    form = TimelineStepForm
    fields = [("date", "stage", "text")]


class CorrectionInline(ArticleInline):
    """The corrections, read only: “Correct” adds one."""

    model = Correction
    extra = 0
    fields = [("at", "text")]

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
