"""Signing out in the middle of a story: what was typed is kept, or carried on in the page that follows."""

import html
import re

import pytest
from django.contrib.auth.models import Permission, User

from newsroom.domain import editing
from newsroom.models import Article, UnsavedText, WorkingCopy
from tests.newsroom.articles import make_article, make_whole
from tests.newsroom.editors import with_changes
from tests.reports.filled import Filled

pytestmark = pytest.mark.django_db
LIST = "/admin/newsroom/article/"
KEPT = "We kept what you typed. It is not saved yet."

type Boxes = dict[str, list[str]]


def boxes(ed, address):
    """Return what a browser sends of a story's form that nobody has touched: it ends each line in its own way."""
    page = ed.get(address).text
    form = Filled(page.replace('id="article_form"', 'id="article_form" data-unkept'), address)
    return {
        name: [re.sub("\r?\n", "\r\n", text) for text in texts]
        for name, texts in form.fields.items()
    }


def sign_out(ed, sent):
    answer = ed.post("/admin/logout/", sent)
    assert "_auth_user_id" not in ed.session
    assert answer.status_code == 200
    assert answer["Clear-Site-Data"] == '"cache"'
    return answer


def back_in(ed, user, answer):
    """Sign in with what the page carries, and return the page that it leads back to."""
    token = re.search(r'name="carried" value="([^"]+)"', answer.text)
    assert token
    carried = {"carried": html.unescape(token[1])}
    assert (
        ed.post(
            "/admin/login/", carried | {"username": "ed", "password": "ed-password"}
        ).status_code
        == 200
    )
    back = re.search(r'name="next" value="([^"]+)"', answer.text)
    assert back
    return ed.post(back[1], carried).text


@pytest.fixture(params=["published", "with changes", "draft"])
def article(request):
    draft = {"status": "draft", "publish_at": None} if request.param == "draft" else {}
    make_whole("a-story")
    Article.objects.update(body="One.\n\nTwo.", **draft)
    article = Article.objects.get()
    return with_changes(article) if request.param == "with changes" else article


def change_page(article):
    return f"{LIST}{article.pk}/change/"


def test_the_buttons_of_the_header_send_the_story_and_enter_saves_it(ed, article):
    page = ed.get(change_page(article)).text
    first, *others = [
        button for button in re.findall(r"<button[^>]+>", page) if 'form="article_form"' in button
    ]
    assert 'name="_continue"' in first
    assert ['formaction="/admin/logout/"' in other for other in others] == [True]


def test_what_nobody_has_changed_is_not_kept(ed, article):
    before = list(WorkingCopy.objects.values())
    assert KEPT not in sign_out(ed, boxes(ed, change_page(article))).text
    assert (list(WorkingCopy.objects.values()), UnsavedText.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "typed",
    [
        {"headline": "Zz half a head"},
        {"body": "One.\r\n\r\nTwo. Zz"},
        {"slug": "zz-elsewhere"},
        {"headline": "Zz" * 100},
        {"facts-0-text": "Zz arrests"},
        {"steps-1-text": "Zz half a row"},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_what_was_typed_stands_in_its_box_again(ed, user, article, typed):
    stored = Article.objects.values().get()
    sent = boxes(ed, change_page(article)) | {name: [text] for name, text in typed.items()}
    assert KEPT in sign_out(ed, sent).text
    ed.force_login(user)
    again = boxes(ed, change_page(article))
    assert {name: again[name] for name in typed} == {name: [text] for name, text in typed.items()}
    assert Article.objects.values().get() == stored


def test_a_new_story_is_kept_as_a_draft(ed, user):
    make_article("older")
    empty = boxes(ed, f"{LIST}add/")
    sign_out(ed, empty)
    assert Article.objects.count() == 1, "nobody has typed anything"
    ed.force_login(user)
    topic = [str(Article.objects.get().topic_id)]
    typed = {
        "headline": ["Zz half a head"],
        "facts-0-figure": ["11"],
        "byline": ["Newsroom"],
        "topic": topic,
    }
    assert KEPT in sign_out(ed, empty | typed).text
    ed.force_login(user)
    again = boxes(ed, change_page(Article.objects.get(status="draft")))
    assert (again["headline"], again["facts-0-figure"]) == (["Zz half a head"], ["11"])


def test_what_cannot_be_kept_is_carried_on_in_the_page(ed, user, article):
    nothing_but_text = boxes(ed, f"{LIST}add/") | {"body": ["Zz a first thought"], "topic": [""]}
    sent = boxes(ed, change_page(article)) | {"headline": ["Zz half a head"]}
    for typed in (nothing_but_text, sent):
        if typed is sent:  # they change it in another window meanwhile
            with editing.changing(article, "restore", by="ed") as row:
                row.headline = "Elsewhere"
        answer = sign_out(ed, typed)
        assert "You have been signed out. What you typed is not lost." in answer.text
        assert "Zz half" not in answer.text
        assert "Zz a" not in answer.text
        page = back_in(ed, user, answer)
        assert ("Zz half a head" if typed is sent else "Zz a first thought") in page
    assert not UnsavedText.objects.exists()


@pytest.mark.parametrize("whose", ["somebody else's", "forged", "without the right"])
def test_no_other_form_is_kept(ed, user, whose):
    article = make_article()
    sent = boxes(ed, change_page(article)) | {"headline": ["Zz half a head"]}
    if whose == "somebody else's":
        ed.force_login(User.objects.create_user("other", is_staff=True, is_superuser=True))
    elif whose == "forged":
        sent["signed_page"] = ["forged"]
    else:
        user.user_permissions.remove(Permission.objects.get(codename="change_article"))
    assert KEPT not in sign_out(ed, sent).text
    assert not UnsavedText.objects.exists()
