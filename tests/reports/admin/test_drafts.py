"""Drafts on pages: what was typed and not saved stands in its box again, whichever act came in between."""

from typing import Any, cast

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest
from django.test import Client, RequestFactory

from reports.admin import drafts as pages
from reports.domain import drafts
from reports.domain.keys.keyholders import Keys
from reports.models import Draft
from tests.factories import make_keyholder
from tests.reports.admin.conftest import file_of, set_back, sign_in
from tests.reports.filled import OUR_ORIGIN

FOREIGN = {"origin": "https://elsewhere.example"}
ADDRESS, DISCARD = "/admin/draft/", "/admin/draft/discard/"


class NoteForm(forms.Form):
    """A box, and the version that it shows."""

    note = forms.CharField(required=False, widget=forms.Textarea)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ChoiceForm(forms.Form):
    """What is chosen and not typed."""

    person = forms.ChoiceField(choices=[("", "nobody"), ("1", "one"), ("2", "two")], required=False)
    labels = forms.MultipleChoiceField(choices=[("a", "a"), ("b", "b")], widget=forms.CheckboxSelectMultiple)
    then = forms.BooleanField(required=False)


type Shown = tuple[pages.PageDrafts, NoteForm, ChoiceForm]


def request(user: User, **posted: Any) -> HttpRequest:
    """Return a request of a member that sends these fields."""
    made = RequestFactory().post("/admin/a/", posted) if posted else RequestFactory().get("/admin/a/")
    made.user = user
    return made


def draw(asked: HttpRequest, keys: Keys | None, *, version: int = 1, **initial: Any) -> Shown:
    """Draw a page of two forms."""
    draft = pages.begin(asked, record="tip:1", keys=keys)
    note = draft.draw(NoteForm(initial={"note": "before", "seen": version} | initial))
    return draft, note, draft.draw(ChoiceForm(initial={"labels": ["a"], "then": True} | initial))


def sent(page: Shown, **changed: Any) -> dict[str, Any]:
    """Return what a browser sends of a page in which these fields were changed."""
    draft, *drawn = page
    values = {"draft": draft.token}
    for form in drawn:
        for field in form:
            value = field.value()
            values |= {field.name: "on" if value is True else value} if value not in (None, False) else {}
    return {name: value for name, value in (values | changed).items() if value is not None}


def values(page: Shown) -> dict[str, Any]:
    """Return what stands in the boxes."""
    return {field.name: field.value() for form in page[1:] for field in cast("forms.Form", form)}


BEFORE = {"note": "before", "seen": 1, "person": None, "labels": ["a"], "then": True}


def test_what_was_changed_is_kept_and_nothing_else(officer: User, keys: Keys) -> None:
    page = draw(request(officer), keys)
    pages.save(request(officer, **sent(page, phrase="six words", password="x", csrfmiddlewaretoken="y")))
    assert not Draft.objects.exists()
    pages.save(request(officer, **sent(page, note="before\r\nand after", phrase="six words", next="/")))
    (draft,) = drafts.offered(by=officer, record="tip:1", keys=keys)
    assert draft.typed == {"note": ["before\r\nand after"]}
    assert draft.began_from["seen"] == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"note": ""},
        {"labels": None},
        {"note": "after", "person": "1", "labels": ["b"], "then": None},
    ],
    ids=str,
)
def test_every_kind_of_field_comes_back(officer: User, keys: Keys, changed: dict[str, Any]) -> None:
    page = draw(request(officer), keys)
    assert values(page) == BEFORE
    pages.save(request(officer, **sent(page, **changed)))
    again = draw(request(officer), keys)
    wanted = BEFORE | changed
    wanted |= {"labels": wanted["labels"] or [], "then": bool(wanted["then"])}
    assert values(again) == wanted | {"seen": values(again)["seen"]}
    assert again[0].restored
    assert not again[0].moved_on
    pages.save(request(officer, **sent(again)))  # a submit of something else: it is still there, and once
    assert values(draw(request(officer), keys)) | {"seen": 1} == wanted
    assert Draft.objects.count() == 1


def test_a_newer_version_is_told_and_noticed_when_saving(officer: User, keys: Keys) -> None:
    page = draw(request(officer), keys)
    pages.save(request(officer, **sent(page, note="mine")))
    again = draw(request(officer), keys, version=2, note="a colleague's")
    assert values(again)["note"] == "mine"
    assert str(values(again)["seen"]) == "1"  # so that the verb refuses to overwrite it
    assert again[0].moved_on


def test_what_was_saved_elsewhere_meanwhile_is_not_offered_again(officer: User, keys: Keys) -> None:
    page = draw(request(officer), keys)
    pages.save(request(officer, **sent(page, note="mine")))
    again = draw(request(officer), keys, note="mine")
    assert (again[0].restored, again[0].others) == (False, [])
    pages.save(request(officer, **sent(again)))
    assert not Draft.objects.exists()


def test_two_tabs_the_newer_stands_in_the_box_and_the_other_beside_it(officer: User, keys: Keys) -> None:
    tabs = [draw(request(officer), keys) for _ in range(2)]
    pages.save(request(officer, **sent(tabs[0], note="one", person="1")))
    pages.save(request(officer, **sent(tabs[1], note="two")))
    again = draw(request(officer), keys)
    assert values(again) | {"seen": 1} == BEFORE | {"note": "two", "person": "1"}
    assert [other.texts for other in again[0].others] == [["one", "1"]]
    pages.save(request(officer, **sent(again)))
    assert sorted(draft.typed["note"][0] for draft in drafts.offered(by=officer, record="tip:1", keys=keys)) == [
        "one",
        "two",
    ]


@pytest.fixture
def page(officer: User, keys: Keys) -> Shown:
    """Return a page that the officer has open."""
    return draw(request(officer), keys)


def test_the_script_keeps_a_draft_on_a_locked_desk(signed_in: Client, page: Shown, officer: User, keys: Keys) -> None:
    response = signed_in.post(ADDRESS, sent(page, note="after"), headers=OUR_ORIGIN)
    assert (response.status_code, response.content) == (204, b"")
    assert values(draw(request(officer), keys))["note"] == "after"
    assert signed_in.post(ADDRESS, sent(page), headers=OUR_ORIGIN).status_code == 204
    assert not Draft.objects.exists()


def test_keeping_a_draft_is_nobody_being_there(unlocked: Client, page: Shown) -> None:
    set_back(unlocked, seen=settings.IDLE_LOCK - 5)
    before = file_of(unlocked).stat().st_mtime
    assert unlocked.post(ADDRESS, sent(page, note="after"), headers=OUR_ORIGIN).status_code == 204
    assert file_of(unlocked).stat().st_mtime == before


def test_a_page_of_somebody_else_or_from_elsewhere_keeps_nothing(page: Shown, officer: User, lead: User) -> None:
    make_keyholder(lead)
    client = sign_in(lead)
    forged = signing.dumps(["x"], salt="another")
    assert sign_in(officer).post(ADDRESS, sent(page, note="x"), headers=FOREIGN).status_code == 400
    for posted in (sent(page, note="planted"), {"note": "planted"}, {"note": "planted", "draft": forged}):
        assert client.post(ADDRESS, posted, headers=OUR_ORIGIN).status_code == 400
    assert not Draft.objects.exists()


def test_what_is_not_wanted_is_deleted(signed_in: Client, officer: User, keys: Keys) -> None:
    tabs = [draw(request(officer), keys) for _ in range(2)]
    for tab, note in zip(tabs, ("one", "two"), strict=True):
        pages.save(request(officer, **sent(tab, note=note)))
    again = draw(request(officer), keys)
    (other,) = again[0].others
    response = signed_in.post(DISCARD, sent(again, person="2", unwanted=str(other.page)))
    assert (response.status_code, response["Location"]) == (302, "/admin/a/")
    (left,) = drafts.offered(by=officer, record="tip:1", keys=keys)
    assert left.typed == {"note": ["two"], "person": ["2"]}
    signed_in.post(DISCARD, sent(draw(request(officer), keys)))
    assert not Draft.objects.exists()
