"""Labels and replies to start from, which leads set up."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest

from core.lists import ListAdmin
from reports.domain.audit import audit_log
from reports.domain.mailbox import sender_messages
from reports.domain.rights import CHANGE_LABEL
from reports.models import AuditAct


class SetUp(ListAdmin):
    """A short list of the desk's own words; each change is on the record, in the transaction that makes it."""

    actions = None
    sortable_by = ()
    change_list_template = "admin/reports/change_list.html"
    show_facets = admin.ShowFacets.NEVER
    removed: AuditAct  # what a deletion is on the record; a list without one refuses deletions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save it, and put it on the record."""
        super().save_model(request, obj, form, change)
        self._record(request, obj, AuditAct.SET_UP)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Put it on the record, and delete it."""
        self._record(request, obj, self.removed)
        super().delete_model(request, obj)

    def _record(self, request: HttpRequest, obj: Model, act: AuditAct) -> None:
        meta = obj._meta  # noqa: SLF001 - Django's public name
        audit_log.record(
            by=cast("User", request.user), act=act, subject=f"{meta.model_name} {obj}"[:60]
        )


class LabelAdmin(SetUp):
    """Labels are retired and not deleted: no tip loses one unseen."""

    list_display = ("name", "retired")
    fields = ("name", "retired")
    rights: ClassVar[dict[str, str]] = {"change": CHANGE_LABEL}

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse, whoever asks."""
        return False


class ReplyTemplateForm(forms.ModelForm):
    """A reply to start from, which must pass what each message passes."""

    def clean_text(self) -> str:
        """Refuse what no sender may be told."""
        text = str(self.cleaned_data["text"])
        if refusal := sender_messages.against(text=text):
            raise ValidationError(refusal)
        return text


class ReplyTemplateAdmin(SetUp):
    """Replies to start from."""

    form = ReplyTemplateForm
    list_display = ("title",)
    fields = ("title", "text")
    removed = AuditAct.REMOVED_REPLY
