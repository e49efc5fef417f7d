"""A story's form that an editor sent after they had been signed out: it comes back as it was, and is not saved."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.test import Client

from core import carried_form
from core.carried_form import CarriedForm
from newsroom.models import Appeal, Article, Revision, WorkingCopy
from tests.newsroom.admin.desk import typed_over
from tests.newsroom.articles import make_article
from tests.reports.filled import OUR_ORIGIN, carried_in

pytestmark = pytest.mark.django_db

TYPED = "Zzmark: half a headline"


@pytest.fixture
def article(db):
    return make_article(body="As it was.")


def at(article):
    return f"/admin/newsroom/article/{article.pk}/change/"


def filled(client, article):
    """Return the form as its editor has changed it."""
    page = client.get(at(article))
    signed = re.search(r'name="signed_page" value="([^"]+)"', page.text)
    assert signed
    return typed_over(article, headline=TYPED) | {"signed_page": signed[1], "_continue": "1"}


def sign_in(client, user, carried):
    fields = {
        "username": user.username,
        "password": f"{user.username}-password",
        "carried": carried,
    }
    return client.post("/admin/login/", fields | {"next": "/admin/"})


def test_what_was_typed_stands_in_the_form_again_and_nothing_is_saved(ed, user, article):
    fields = filled(ed, article)
    Session.objects.all().delete()
    answer = ed.post(at(article), fields)
    assert answer.status_code == 403
    assert TYPED not in answer.text
    token = carried_in(answer)
    assert "Zzmark" not in token
    assert not Session.objects.exists()
    page = sign_in(ed, user, token)
    assert (page.status_code, carried_in(page)) == (200, token)
    assert f'action="{at(article)}"' in page.text
    back = ed.post(at(article), {"carried": token})
    assert f'value="{TYPED}"' in back.text
    assert "Not saved yet. The boxes show what you typed before you were signed out." in back.text
    article.refresh_from_db()
    assert article.headline != TYPED
    assert not WorkingCopy.objects.exists()
    assert not Revision.objects.filter(fields__headline=TYPED).exists()


def test_for_another_editor_it_is_dropped(ed, article):
    fields = filled(ed, article)
    Session.objects.all().delete()
    token = carried_in(ed.post(at(article), fields))
    other = User.objects.create_user("other", password="other-password", is_staff=True)
    other.user_permissions.set(
        Permission.objects.filter(codename__in=["view_article", "change_article"])
    )
    browser = Client(headers=OUR_ORIGIN)
    assert sign_in(browser, other, token).status_code == 302
    assert TYPED not in browser.post(at(article), {"carried": token}).text


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_another_site_carries_nothing(ed, article, origin):
    fields = filled(ed, article)
    Session.objects.all().delete()
    assert carried_in(ed.post(at(article), fields, headers={"origin": origin})) == ""
    assert carried_in(ed.post(at(article), fields | {"signed_page": "forged"})) == ""
    assert carried_in(ed.post(at(article), fields))  # the control


def test_a_token_that_was_altered_is_too_old_or_too_large_opens_nothing(
    time_machine,
):
    token = carried_form.seal(CarriedForm(1, "/admin/", {"headline": [TYPED]}))
    found = carried_form.opened(token)
    assert found
    assert found.typed == {"headline": [TYPED]}
    changed = token[:30] + ("A" if token[30] != "A" else "B") + token[31:]
    for other in ("", "x", "é", changed):
        assert carried_form.opened(other) is None
    assert carried_form.seal(CarriedForm(1, "/admin/", {"body": ["x" * carried_form.ROOM]})) == ""
    time_machine.move_to(timedelta(seconds=carried_form.LASTS + 2))
    assert carried_form.opened(token) is None


OTHERS = {
    "appeal/add/": {"title": TYPED, "prompt": "What did you see?", "opens": "2026-05-01T08:00"},
    "image/add/": {"alt": TYPED, "caption": "Half a caption"},
    "article/{article}/correct/": {"text": TYPED, "headline": "A right headline"},
    "article/{article}/schedule/": {"when": "2026-05-01T08:00"},
}


@pytest.mark.parametrize("page", OTHERS)
def test_what_was_typed_on_the_newsrooms_other_pages_comes_back_too(ed, user, article, page):
    if "schedule" in page:
        Article.objects.update(status="draft", publish_at=None)
    address, typed = f"/admin/newsroom/{page.format(article=article.pk)}", OTHERS[page]
    before, signed = (
        Article.objects.get(),
        re.search(r'name="signed_page" value="([^"]+)"', ed.get(address).text),
    )
    assert signed
    Session.objects.all().delete()
    token = carried_in(ed.post(address, typed | {"signed_page": signed[1]}))
    assert token
    assert carried_in(sign_in(ed, user, token)) == token
    back = ed.post(address, {"carried": token})
    assert (back.status_code, "Not saved yet. The boxes show what you typed" in back.text) == (
        200,
        True,
    )
    for value in typed.values():
        assert value in html.unescape(back.text)
    assert Article.objects.get() == before
    assert not Appeal.objects.exists()
