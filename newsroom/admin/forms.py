"""What an editor types: the article, and the few words that each act asks for."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.choices import recent
from newsroom.admin.rooms import Moment
from newsroom.domain import editing
from newsroom.models import Article, Image

MARKDOWN = gettext_lazy(
    "Markdown: leave a line empty between paragraphs, ## for a heading, > for a quotation, [words](https://address) for"
    " a link, and the line of a picture (from Images) on a line of its own."
)

MEANWHILE = gettext_lazy(
    "Somebody else has changed this story since you opened it. What you typed is still here. Look at the revisions in"
    " another window; press the button again to put your version above theirs."
)


# Every field of an article is typed, and has its box in a fieldset of the admin, but for these.
NOT_TYPED = editing.KEPT | {"updated_at"}
_ALL = (*Article._meta.fields, *Article._meta.many_to_many)  # noqa: SLF001 - Django's public name
TYPED = [field.name for field in _ALL if field.name not in NOT_TYPED]


def never_cut(form: forms.BaseForm) -> None:
    """Let browsers take what is too long: they would cut it without a word, and the form says by how much it is."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)


class ArticleForm(forms.ModelForm):
    """An article as it is written; its state and its times have buttons of their own."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    told = forms.BooleanField(
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
        """Remember which revision the editor sees; a box that is missing is one that may not be changed."""
        super().__init__(*args, **kwargs)
        never_cut(self)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Its address: /news/…/. Left empty, it is made from the headline.")
            self.fields["body"].help_text = MARKDOWN
            pictures: Any = self.fields["lead_image"]
            pictures.queryset = recent(Image.objects.all(), keep=self.instance.lead_image_id)
            self.initial["seen"] = 0 if self.instance._state.adding else editing.latest(self.instance)  # noqa: SLF001

    def clean_slug(self) -> str:
        """Make a missing slug from the headline, with a number where another article has it."""
        slug: str = self.cleaned_data["slug"]
        if slug:
            return slug
        return editing.free_slug(slugify(self.cleaned_data.get("headline", "")))

    def clean(self) -> dict[str, Any]:
        """Stop before another's changes are overwritten; the next press of the button does it knowingly."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.instance._state.adding and cleaned.get("seen") != editing.latest(self.instance):  # noqa: SLF001
            typed: Any = self.data.copy()  # type: ignore[attr-defined]  # Django's QueryDict
            typed["seen"] = str(editing.latest(self.instance))
            self.data = typed
            self.add_error(None, str(MEANWHILE))
        return cleaned


class ActForm(forms.Form):
    """What an act asks for; nothing but the press of its button, to begin with."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        """Take the article."""
        super().__init__(*args, **kwargs)
        never_cut(self)
        self.article = article
        self.initial.setdefault("seen", editing.latest(article))

    def say(self, problems: dict[str, list[str]]) -> None:
        """Show what a verb has refused, at the box it is about where there is one."""
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class ScheduleForm(ActForm):
    """When the article appears."""

    when = forms.DateTimeField(label=gettext_lazy("Date and time"), widget=Moment)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        """Begin with the time that is set."""
        super().__init__(*args, article=article, **kwargs)
        self.initial["when"] = article.publish_at


class WithdrawForm(ActForm):
    """What readers are told."""

    note = forms.CharField(
        label=gettext_lazy("What readers see at its address"),
        help_text=gettext_lazy("One sentence: why the story is gone."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CorrectForm(ActForm):
    """What was wrong, and the article put right, in one step."""

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
        widget=Moment,
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        """Begin with the text as it stands."""
        super().__init__(*args, article=article, **kwargs)
        self.initial["body"] = article.body

    def clean_body(self) -> str:
        """Return the text with the line ends that the article has."""
        text: str = self.cleaned_data["body"]
        return text.replace("\r\n", "\n")
