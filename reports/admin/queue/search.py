"""The search page: the words travel in the body of a POST alone, and come back in the form."""

import re
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from core.rights import needs
from core.sent import sent_text
from reports import questions
from reports.admin.pages import lock
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.domain.search import searching
from reports.models import Search, Status, Tip
from reports.models.digests import KEPT_DAYS
from reports.sealing.query import LONGEST
from reports.text import commonest

SHOWN = 100  # searches that leads see at once
MOST_BY_HALF = 10  # tips that half a reference names
AS_REFERENCE = re.compile(r"\w{4}-\w{4}")
ANY = [("", "Any")]


class SearchForm(forms.Form):
    """What is looked for, and which tips may hold it."""

    words = forms.CharField(
        label="A tip’s reference, words, a number plate, a phone number, a postcode, a username",
        help_text=(
            "We find tips that have all of these words. “In quotes” finds words next to each other. "
            "begin* finds words that begin like this."
        ),
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    status = forms.ChoiceField(label="Status", choices=[*ANY, *Status.choices], required=False)
    area = forms.ChoiceField(
        label="Area", choices=[*ANY, *questions.CHOICES["area"]], required=False
    )
    at_end = forms.BooleanField(
        label="Also search tips at the end of the queue (possible spam, or repeated)",
        required=False,
    )
    danger = forms.BooleanField(label="Someone may be in danger", required=False)
    under_18 = forms.BooleanField(label="The sender is under 18", required=False)
    police = forms.ChoiceField(
        label="May we tell the police?",
        choices=[*ANY, *questions.CHOICES["police"], (searching.POLICE[-1], "Not said")],
        required=False,
    )
    language = forms.ChoiceField(
        label="Language, as we guess it or a team member corrected it",
        choices=[*ANY, *commonest.NAMES.items()],
        required=False,
    )

    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def query(self) -> dict[str, Any]:
        """Return what is searched for: the words, what the rows must say, and after how many."""
        typed = self.cleaned_data
        filters = searching.Filters(**{name: typed[name] for name in searching.Filters._fields})
        return {"words": typed["words"], "filters": filters, "after": typed["after"] or 0}


@needs(READ_TIP)
def search(request: HttpRequest) -> HttpResponse:
    """Ask for words; show what holds them, once that is recorded."""
    form = SearchForm(request.POST or None)
    passphrase_form = lock.PassphraseForm(request.POST or None)
    keys = (
        lock.keys_or_unlocked(request, passphrase_form)
        if request.method == "POST"
        else lock.keys_of(request)
    )
    visible = Tip.objects.visible_to(request.user)
    words = sent_text(request.POST, "words")
    if keys or not sent_text(request.POST, "passphrase"):
        tips = visible.with_reference(words)[:2]
        if len(tips) == 1:  # a reference was typed in place of words
            return redirect("admin:reports_tip_change", tips[0].pk)
    results, problem = _searched(request, form, keys) if request.method == "POST" else (None, "")
    if "passphrase" not in request.POST:
        passphrase_form = lock.PassphraseForm()
    context = lock.page(request, title="Search") | {
        "form": form,
        "results": results,
        "problem": problem,
        "passphrase_form": passphrase_form,
        "as_reference": AS_REFERENCE.fullmatch(words.strip()),
        "by_half": visible.with_half_reference(words)[:MOST_BY_HALF],
        "is_team_lead": request.user.has_perm(RUN_DESK),
    }
    return TemplateResponse(
        request, "admin/reports/queue/search.html", context, status=503 if problem else 200
    )


def _searched(
    request: HttpRequest, form: SearchForm, keys: Keys | None
) -> tuple[searching.Found | None, str]:
    """Return what was found, and a problem; a search that cannot be recorded shows nothing."""
    if not form.is_valid() or keys is None:
        return None, ""
    try:
        return searching.search(by=cast("User", request.user), keys=keys, **form.query()), ""
    except Refused as refusal:
        form.add_error("words", str(refusal))
        return None, ""
    except DatabaseError:
        return (
            None,
            "We could not record your search, so we do not show results. Try again, or tell a team lead.",
        )


@needs(RUN_DESK)
def searches(request: HttpRequest) -> HttpResponse:
    """Show a team lead who searched when; the words on an unlocked desk, once they ask for them."""
    by = cast("User", request.user)
    rows = list(Search.objects.all()[:SHOWN])
    keys = lock.keys_of(request)
    if request.method == "POST" and keys is None:
        return redirect(lock.unlock_first(request.path))
    words = (
        searching.words_of(rows=rows, by=by, keys=keys) if request.method == "POST" and keys else {}
    )
    context = lock.page(request, title="Past searches") | {
        "rows": [(row, words.get(row.pk)) for row in rows],
        "kept_days": KEPT_DAYS,
    }
    return TemplateResponse(request, "admin/reports/queue/searches.html", context)
