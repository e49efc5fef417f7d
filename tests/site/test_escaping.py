"""Markup stands in every text that is stored: whether it runs is seen in tests/system/browser."""

import pytest
from django.apps import apps

from tests.site.desk import markup_in_every_field

# Copies and caches of what others hold, and what only separate machines have.
NOT_SHOWN = {
    f"reports.{name}" for name in ("Arrival", "Digest", "Confirmation", "Draft", "ExportedPart")
}


@pytest.mark.proof("markup")
def test_every_text_of_a_model_has_the_markup(desk):
    with markup_in_every_field() as without:
        assert without == [], (
            "a text of a model stands nowhere: say in tests/site/marks.py why, or make a row"
        )


@pytest.mark.proof("markup")
def test_every_table_with_sealed_texts_has_one(desk):
    """The markup stands in each kind of sealed text, so that a page that shows it is seen."""
    sealed = [
        model
        for model in apps.get_models()
        if any(field.name == "sealed" for field in model._meta.fields)
    ]
    assert {model._meta.label for model in sealed if not model._base_manager.exists()} <= NOT_SHOWN
