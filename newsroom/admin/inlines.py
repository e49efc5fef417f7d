"""What hangs from an article, in its form: one empty row more than there are, so that no script is needed."""

from typing import Any, override

from django import forms
from django.contrib import admin
from django.db.models import F, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsroom.admin.rooms import PLAIN_TIMES
from newsroom.models import Correction, KeyFact, RelatedLink, TimelineStep

LAST = 10_000  # where a row without a place goes
ASIDE = 1_000  # where rows wait while they change places, for no two may have the same


class Part(admin.StackedInline):
    """Rows that belong to the article: who may change it may change them. Boxes with labels, which a phone can wrap."""

    extra = 1
    formfield_overrides = PLAIN_TIMES

    @override
    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Follow the article."""
        return request.user.has_perm("newsroom.view_article")

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Follow the article."""
        return request.user.has_perm("newsroom.change_article")

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Follow the article."""
        return request.user.has_perm("newsroom.change_article")

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Follow the article."""
        return request.user.has_perm("newsroom.change_article")


class RowForm(forms.ModelForm):
    """A row with its place among the others."""

    place = forms.IntegerField(label=_("Place"), required=False, min_value=1, max_value=99)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the place the row has."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["place"] = self.instance.order + 1


class InOrder(forms.BaseInlineFormSet):
    """Rows that are kept in the order of their places; a row without one goes last."""

    def save(self, commit: bool = True) -> list[Any]:
        """Store every row, counted anew."""
        rows: list[Any] = super().save(commit=False)
        for row in self.deleted_objects:
            row.delete()
        self.get_queryset().update(order=F("order") + ASIDE)
        kept = [form for form in self.forms if form.instance.pk or form.instance in rows]
        kept = [form for form in kept if form.instance not in self.deleted_objects]
        kept.sort(key=lambda form: form.cleaned_data.get("place") or LAST)
        for place, form in enumerate(kept):
            form.instance.order = place
            form.instance.save()
        return rows


class KeyFacts(Part):
    """The figures beside the article."""

    model = KeyFact
    form = RowForm
    formset = InOrder
    fields = [("place", "figure", "text")]


class Links(Part):
    """Articles elsewhere."""

    model = RelatedLink
    form = RowForm
    formset = InOrder
    fields = [("place", "title", "url")]


class StepForm(forms.ModelForm):
    """A step; that residents reported is said by a released outcome alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave that stage out of the choices."""
        super().__init__(*args, **kwargs)
        if "stage" in self.fields:
            stages: Any = self.fields["stage"]
            stages.choices = [choice for choice in stages.choices if choice[0] != TimelineStep.Stage.REPORT]


class Steps(Part):
    """The article's timeline."""

    model = TimelineStep
    form = StepForm
    fields = [("date", "stage", "text")]


class Corrections(Part):
    """What readers were told was wrong: shown, and added to by “Correct” alone."""

    model = Correction
    extra = 0
    fields = [("at", "text")]

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave it to the verb."""
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: readers have read it."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: readers have read it."""
        return False
