"""The forms of an article, of the actions on it and of its posters."""

import re
import secrets
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.text import slugify

from core.action_form import ActionForm
from core.errors import EditConflict, Refused
from newsroom.admin.base import DATE_TIME, DateTimeField
from newsroom.admin.carried import NUL, Typed, put
from newsroom.domain import editing, revisions, working_copies
from newsroom.domain.editing import Seen
from newsroom.domain.revisions import ROWS, Fields
from newsroom.models import Appeal, Article, Topic
from newsroom.models.articles import CHOOSE_TOPIC, NO_SOURCE

MARKDOWN = (
    "Markdown: leave a line empty between paragraphs. Use ## for a heading, > for a quotation and"
    " [words](https://address) for a link. Put the line of a picture (from Pictures) on a line of its own."
)

EDIT_CONFLICT = (
    "%(what)s What you typed is still here. Look at the story in another window first. If you press the button again,"
    " your version will replace theirs."
)

SAY_WHEN = "Enter the date and time."
ASK_THE_POLICE = (
    "Ask the police first. Someone in this story is arrested, charged or wanted, so an appeal can harm the case. If the"
    " police agree, press the button again."
)
YES_OR_NO = [("yes", "Yes"), ("no", "No")]


TYPED = [
    field.name for field in revisions.written_fields()
]  # each has its place in a fieldset of the admin


def own_boxes(typed: Typed) -> dict[str, list[str]]:
    """Return of what a browser sent the boxes of an article's form and of its rows; no button and no token.

    NUL, which no form takes and PostgreSQL cannot store, is left out.
    """
    own: dict[str, list[str]] = {}
    for name, values in typed.items():
        if name.partition("-")[0] in {*TYPED, "show_update", *ROWS} and NUL not in name:
            own[name] = [text.replace(NUL, "") for text in values]
    return own


def typed_rows(typed: Typed, prefix: str) -> list[dict[str, str]]:
    """Return what was typed into the rows with this prefix, without rows that were left empty or are to go."""
    rows: dict[int, dict[str, str]] = {}
    for name, values in typed.items():
        box = re.fullmatch(rf"{prefix}-([0-9]{{1,4}})-(?!id$|article$)(.+)", name)
        if box and values and values[-1]:
            rows.setdefault(int(box[1]), {})[box[2]] = values[-1]
    return [
        row
        for _number, row in sorted(rows.items())
        if row.keys() - {"place"} and "DELETE" not in row
    ]


def saved_rows(fields: Fields, prefix: str) -> list[dict[str, Any]]:
    """Return the rows of a snapshot as their forms show them."""
    rows = []
    for place, row in enumerate(fields.get(prefix, []), start=1):
        shown = dict(zip(ROWS[prefix][1], row, strict=True))
        if prefix != "steps":
            shown["place"] = place
        rows.append(shown)
    return rows


def sentences(refusal: Refused | ValidationError) -> list[str]:
    """Return what a refusal says."""
    if isinstance(refusal, ValidationError):
        return list(refusal.messages)
    return [str(refusal)]


def _seen_now(data: Any, article: Article) -> Any:
    """Return what a browser sent as if its page had been made from the article as it is now."""
    sent = data.copy()
    before = Seen.parse(data.get("seen", "")) or Seen(0)
    sent["seen"] = str(editing.seen_now(article, kept=before.kept))
    return sent


def remove_maxlength(form: forms.BaseForm) -> None:
    """Remove `maxlength`: a browser would cut a long text silently, while the form says by how much it is too long."""
    for field in form.fields.values():
        field.widget.attrs.pop("maxlength", None)


class ArticleForm(forms.ModelForm):
    """The fields of an article that an editor types; state and times have actions of their own.

    Unbound, it shows what `editor` (a username) typed and has not saved, or else what is saved.
    """

    editor: ClassVar[str] = ""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    page = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)
    show_update = forms.BooleanField(
        label="Show readers that the story was updated now",
        required=False,
        help_text="For news. Leave unticked for typos. For a factual error use “Correct”.",
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
        if "slug" not in self.fields:  # it is missing where the editor may only look
            return
        self.fields["slug"].required = False
        self.fields[
            "slug"
        ].help_text = (
            "The story’s address: /news/…/. If this is empty, we make it from the headline."
        )
        self.fields["body"].help_text = MARKDOWN
        self._show_copy()

    def _show_copy(self) -> None:
        """Show what differs from the stored article, and note what the page is made from."""
        adding = self.instance._state.adding  # noqa: SLF001 - Django has no other name for it
        copy = None if adding else working_copies.find(article=self.instance)
        unsaved = (
            None if adding else working_copies.find_typed(article=self.instance, by=self.editor)
        )
        seen = Seen(0) if adding else editing.seen_now(self.instance)
        if copy is not None:
            self.initial.update(revisions.form_values(copy.fields), show_update=copy.show_update)
        if unsaved is not None:
            put(self, unsaved.typed)
            seen = Seen(unsaved.made_from, unsaved.made_of, kept=unsaved.version)
        self.initial.update(page=secrets.token_hex(8), seen=str(seen))

    def clean_slug(self) -> str:
        """Return the slug, or one made from the headline that no other article has."""
        slug: str = self.cleaned_data["slug"]
        if slug:
            return slug
        return editing.free_slug(slugify(self.cleaned_data.get("headline", "")))

    def clean_source_note(self) -> str:
        """Return where the facts come from, which only a draft may leave out."""
        note: str = self.cleaned_data["source_note"]
        if not note and self.instance.status != Article.Status.DRAFT:
            raise ValidationError(NO_SOURCE)
        return note

    def clean(self) -> dict[str, Any]:
        """Refuse once when somebody else has changed the article; pressing the button again overwrites that."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["seen"] = Seen.parse(cleaned.get("seen", ""), page=cleaned.get("page", "")) or Seen(
            0
        )
        if self.instance._state.adding:  # noqa: SLF001 - Django has no other name for it
            return cleaned
        try:
            editing.check(self.instance, cleaned["seen"])
        except EditConflict as refusal:
            self.data = _seen_now(self.data, self.instance)
            self.add_error(None, EDIT_CONFLICT % {"what": refusal})
        return cleaned


class KeptForm(forms.Form):
    """What a page was made from whose boxes are kept as they are, and the page's own name."""

    seen = forms.CharField(required=False)
    page = forms.CharField(required=False, max_length=32)


class ArticleActionForm(ActionForm):
    """The base of the acts' forms: only a button, and what its page was made from, with `of_copy` the working copy too.

    The fields are the arguments of the act's verb.
    """

    of_copy: ClassVar[bool] = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remove_maxlength(self)
        self.article = article
        self.initial["seen"] = str(editing.seen_now(article))

    def clean_seen(self) -> Seen | None:
        return Seen.parse(self.cleaned_data["seen"], page="none" if self.of_copy else "")

    def add_refusal(self, refusal: Refused | ValidationError) -> None:
        """Add what the verb refused, each message to the field that it names where the form has that.

        After somebody else's change the form is one of the article as it is now: the button means it then.
        """
        if isinstance(refusal, EditConflict):
            self.data = _seen_now(self.data, self.article)
        errors = getattr(refusal, "error_dict", None) and getattr(refusal, "message_dict", {})
        errors = errors or {NON_FIELD_ERRORS: sentences(refusal)}
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


def ask_the_police_first(form: forms.BaseForm, *, needed: bool) -> None:
    """Refuse a form once that has no other error and lets a story with proceedings appeal; the next press goes on."""
    if not needed or form.errors or form.cleaned_data.get("police_asked"):
        return
    typed: Any = form.data
    sent = typed.copy()
    sent["police_asked"] = "on"
    form.data = sent
    form.add_error(None, ASK_THE_POLICE)


class ProceedingsForm(ArticleActionForm):
    """Whether anybody in the article is arrested, charged or wanted; with an appeal the police come first."""

    proceedings = forms.TypedChoiceField(
        label="Is anybody arrested, charged or wanted by warrant?",
        help_text="If so, the story asks readers not to name anyone. In six months we ask you what became of them.",
        choices=YES_OR_NO,
        coerce="yes".__eq__,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    police_asked = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        appeals = Appeal.objects.filter(article=self.article).not_closed(at=timezone.now())
        ask_the_police_first(self, needed=cleaned.get("proceedings") is True and appeals.exists())
        return {name: value for name, value in cleaned.items() if name != "police_asked"}


class PublishForm(ProceedingsForm):
    """Also where the facts come from, and the topic, where the article has none."""

    source_note = forms.CharField(
        label="Where do the facts come from?",
        help_text="Readers see this under the story.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": NO_SOURCE},
    )
    topic = forms.ModelChoiceField(
        Topic.objects.all(), label="Topic", error_messages={"required": CHOOSE_TOPIC}
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.initial["source_note"] = article.source_note
        if article.proceedings_active:
            self.initial["proceedings"] = "yes"
        if article.topic_id:
            del self.fields["topic"]


class ScheduleForm(PublishForm):
    """Also the time at which the article appears."""

    field_order = ("when",)
    when = DateTimeField(
        label="Date and time", widget=DATE_TIME, error_messages={"required": SAY_WHEN}
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.initial["when"] = article.publish_at


class FollowUpForm(ProceedingsForm):
    """What became of those in the article, and whether the editors are asked again."""

    text = forms.CharField(
        label="What became of them?",
        help_text="A sentence for each, on a line of its own. Readers see them under the headline and in the timeline.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    day = forms.DateField(
        label="On which day?",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Enter the day on which it happened."},
    )
    look_again_on = forms.DateField(
        label="If yes, on which day should we ask you again?",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ("text", "day", "proceedings", "look_again_on")

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        today = timezone.localdate()
        later = None
        if article.look_again_on and article.look_again_on > today:
            later = article.look_again_on
        self.initial.update(day=today, look_again_on=later or editing.six_months_after(today))
        self.fields[
            "proceedings"
        ].label = "Is anybody in it still arrested, charged or wanted by warrant?"
        self.fields["proceedings"].help_text = "If not, the warning to readers ends."


class CopyForm(ArticleActionForm):
    """A button for the working copy that the editor was shown."""

    of_copy = True


class ChangesForm(CopyForm):
    """A box to tick where the changes bring back what was taken out."""

    again = forms.BooleanField(
        label="I have checked each of these and want them back in the story", required=False
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.brought_back = working_copies.brought_back(copy=working_copies.find(article=article))
        if not self.brought_back:
            del self.fields["again"]


class WithdrawForm(ArticleActionForm):
    """The sentence that readers see in the article's place."""

    note = forms.CharField(
        label="What readers will see at its address",
        help_text="Explain in one sentence why you withdrew the story.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write the explanation that readers will see instead of the story."
        },
    )


class CorrectForm(ArticleActionForm):
    """The correction for readers, and the corrected texts of the article; a text that is left empty stays."""

    text = forms.CharField(
        label="What was wrong and what is right",
        help_text="We show it with today’s date on the story and on the corrections page.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what was wrong and what is right."},
    )
    headline = forms.CharField(
        label="Corrected headline",
        required=False,
        max_length=140,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    standfirst = forms.CharField(
        label="Corrected standfirst",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    body = forms.CharField(
        label="Corrected text",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "story-text"}),
        error_messages={
            "required": "The story needs text. If you want to take it down, withdraw it."
        },
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, article=article, **kwargs)
        self.initial.update({name: getattr(article, name) for name in editing.CORRECTABLE})

    def clean_body(self) -> str:
        """Return the text with the line endings of the stored article."""
        text: str = self.cleaned_data["body"]
        return text.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Return the arguments of the verb, without a headline or standfirst that was left empty."""
        cleaned: dict[str, Any] = super().clean() or {}
        return {
            name: value
            for name, value in cleaned.items()
            if value or name not in ("headline", "standfirst")
        }


SHEETS = {
    "poster": "Open the poster",
    "cards": "Open ten cards",
    "words": "Open cards for seven words",
}


class SheetForm(forms.Form):
    """Which sheet, in which language, and in which beside it."""

    sheet = forms.ChoiceField(choices=tuple(SHEETS.items()))
    first = forms.ChoiceField(label="Language", choices=lambda: settings.LANGUAGES, required=False)
    second = forms.ChoiceField(
        label="Beside it",
        choices=lambda: [("", "No other language"), *settings.LANGUAGES],
        required=False,
    )
