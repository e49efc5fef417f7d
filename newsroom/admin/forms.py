"""The forms of an article and of the actions on it."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.base import DateTimePicker
from newsroom.admin.choices import recent
from newsroom.domain import editing
from newsroom.models import Article, Image

MARKDOWN = gettext_lazy(
    "Markdown: leave a line empty between paragraphs, ## for a heading, > for a quotation, [words](https://address) for"
    " a link, and the line of a picture (from Images) on a line of its own."
)

EDIT_CONFLICT = gettext_lazy(
    "Somebody else has changed this story since you opened it. What you typed is still here. Look at the revisions in"
    " another window; press the button again to put your version above theirs."
)


# The fields of an article that its form leaves out; every other field has its place in a fieldset of the admin.
NOT_TYPED = editing.NOT_IN_FORM | {"updated_at"}
_ALL = (*Article._meta.fields, *Article._meta.many_to_many)  # noqa: SLF001 - Django's public name
TYPED = [field.name for field in _ALL if field.name not in NOT_TYPED]


def remove_maxlength(form: forms.BaseForm) -> None:
    """Remove `maxlength`: a browser would cut a long text silently, while the form says by how much it is too long."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)


class ArticleForm(forms.ModelForm):
    """The fields of an article that an editor types; state and times have actions of their own."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    show_update = forms.BooleanField(
        label=gettext_lazy("Show readers that the story was updated now"),
        required=False,
        help_text=gettext_lazy("For news. A slip of the pen needs no sign, and a mistake of fact needs “Correct”."),
    )

    class Meta:
        model = Article
        fields = TYPED
        widgets = {
            "headline": forms.TextInput(attrs={"class": "vTextField"}),
            "standfirst": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "body": forms.Textarea(attrs={"rows": 28, "class": "vLargeTextField story-text"}),
            "areas": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remove_maxlength(self)
        if "slug" in self.fields:  # it is missing where the editor may only look
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Its address: /news/…/. Left empty, it is made from the headline.")
            self.fields["body"].help_text = MARKDOWN
            lead_image: Any = self.fields["lead_image"]
            lead_image.queryset = recent(Image.objects.all(), keep=self.instance.lead_image_id)
            self.initial["seen"] = 0 if self.instance._state.adding else editing.latest(self.instance)  # noqa: SLF001

    def clean_slug(self) -> str:
        """Return the slug, or one made from the headline that no other article has."""
        slug: str = self.cleaned_data["slug"]
        if slug:
            return slug
        return editing.free_slug(slugify(self.cleaned_data.get("headline", "")))

    def clean(self) -> dict[str, Any]:
        """Refuse once when somebody else has changed the article; pressing the button again overwrites that."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.instance._state.adding and cleaned.get("seen") != editing.latest(self.instance):  # noqa: SLF001
            typed: Any = self.data.copy()  # type: ignore[attr-defined]  # Django's QueryDict
            typed["seen"] = str(editing.latest(self.instance))
            self.data = typed
            self.add_error(None, str(EDIT_CONFLICT))
        return cleaned


class ActionForm(forms.Form):
    """The base of the actions' forms: no field, only a button. The fields are the arguments of the action's verb."""

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remove_maxlength(self)
        self.article = article

    def add_errors(self, refusal: ValidationError) -> None:
        """Add the messages of a verb's ValidationError, each to the field that it names where the form has that."""
        errors = refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class ScheduleForm(ActionForm):
    """The time at which the article appears."""

    when = forms.DateTimeField(label=gettext_lazy("Date and time"), widget=DateTimePicker)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.initial["when"] = article.publish_at


class WithdrawForm(ActionForm):
    """The sentence that readers see in the article's place."""

    note = forms.CharField(
        label=gettext_lazy("What readers see at its address"),
        help_text=gettext_lazy("One sentence: why the story is gone."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CorrectForm(ActionForm):
    """The correction for readers, and the corrected text of the article."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=gettext_lazy("What was wrong, and what is right"),
        help_text=gettext_lazy("Shown on the story, with today’s date, and on the page of corrections."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    body = forms.CharField(
        label=gettext_lazy("The story’s text, put right"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "story-text"}),
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Show it from (optional)"),
        help_text=gettext_lazy("Empty: now. A correction for later leaves the text as it is."),
        required=False,
        widget=DateTimePicker,
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.initial.update(body=article.body, seen=editing.latest(article))

    def clean_body(self) -> str:
        """Return the text with the line endings of the stored article."""
        text: str = self.cleaned_data["body"]
        return text.replace("\r\n", "\n")
