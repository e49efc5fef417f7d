"""The form pack: names, hints and errors before the control and wired to it, for everyone who uses a form."""

from crispy_forms.utils import render_crispy_form
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import engines
from django.utils.translation import gettext_lazy

from reports import questions
from reports.forms import TipForm
from tests.reports.markup import Page


def summary(form):
    """Return the error summary's markup."""
    template = engines["django"].from_string(
        "{% load crispy_forms_tags %}{{ form|as_crispy_errors }}"
    )
    return template.render({"form": form})


def wrong():
    """Return a form with an error in an open box and in a group."""
    return TipForm({"what": "", "place": "x" * 5001})


def test_referral_puts_hint_and_error_before_the_control():
    page = Page(render_crispy_form(wrong()))
    names = ("question-what", "id_what_helptext", "id_what_error", "id_what")
    assert page.order(*names) == list(names)
    assert page.by_id("id_what")["aria-describedby"] == "id_what_helptext id_what_error"
    assert page.by_id("id_what")["aria-invalid"] == "true"
    assert (
        page.texts["id_what_error"].strip() == "Error: Tell us what you know, even in one sentence"
    )


def test_referral_names_choices_by_fieldset_and_legend():
    page = Page(render_crispy_form(TipForm()))
    radios = [
        name
        for name, field in TipForm().fields.items()
        if isinstance(field.widget, forms.RadioSelect)
    ]
    assert radios == [asked.name for asked in questions.FIELDS if asked.shape == "choice"]
    assert len(page.all("fieldset")) == len(page.all("legend")) == len(radios)
    assert page.all("fieldset")[0]["aria-describedby"] == "id_danger_helptext"
    assert "aria-describedby" not in page.by_id("id_danger_0")


def test_referral_checks_no_radio_and_marks_what_is_optional():
    markup = render_crispy_form(TipForm())
    page = Page(markup)
    assert [attrs for attrs in page.all("input") if "checked" in attrs] == []
    assert [attrs for _, attrs in page.elements if "required" in attrs] == []
    assert "*" not in markup
    groups = len(questions.GROUPS) - 1
    assert (
        markup.count('<span class="optional">optional</span>') == groups + 1
    )  # and the question about danger


def test_error_summary_links_to_each_control_with_the_words_at_the_field():
    page = Page(summary(wrong()))
    box = page.all("div")[0]
    assert (box["class"], box["role"], box["tabindex"]) == ("error-summary", "alert", "-1")
    assert page.texts["error-summary-title"] == "There is a problem"
    assert [attrs["href"] for attrs in page.all("a")] == ["#id_what", "#id_place"]
    for message in (error for errors in wrong().errors.values() for error in errors):
        assert message in summary(wrong())


def test_error_summary_links_to_the_first_choice_and_is_nothing_without_errors():
    class Choose(forms.Form):
        side = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)

    assert [attrs["href"] for attrs in Page(summary(Choose({}))).all("a")] == ["#id_side_0"]
    assert summary(TipForm({"what": "A van"})).strip() == ""


def test_a_select_says_what_djangos_own_says():
    choices = [
        ("", gettext_lazy("Any")),
        ("Kinds", [(1000, "<b>"), ("b", gettext_lazy("Under 18"))]),
    ]
    widget = forms.Select({"class": "input", "required": True, "hidden": False}, choices)
    ours, djangos = (
        " ".join(widget.render("kind", 1000, {"id": "it"}, renderer).replace(">", "> ").split())
        for renderer in (None, DjangoTemplates())
    )
    assert ours == djangos
    assert '<option value="1000" selected> &lt;b&gt;' in ours
