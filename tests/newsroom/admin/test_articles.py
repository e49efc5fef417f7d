import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.utils import timezone

from newsroom.admin.forms import ArticleForm
from newsroom.domain.revisions import BY_VERBS
from newsroom.models import Appeal, Article, KeyFact, Redirect
from tests.newsroom.admin.desk import page, typed, typed_over
from tests.newsroom.articles import make_appeal, make_article, make_whole

pytestmark = pytest.mark.django_db
ADD = "/admin/newsroom/article/add/"


def errors(html):
    """Return the sentences that a form shows as errors."""
    lists = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', html, re.DOTALL)
    return [
        sentence for found in lists for sentence in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)
    ]


def test_every_field_of_an_article_has_one_box_or_is_left_out_by_name(ed):
    meta = Article._meta
    fields = {field.name for field in (*meta.fields, *meta.many_to_many)}
    form = ed.get(ADD).context["adminform"]
    boxes = flatten_fieldsets(form.fieldsets)
    assert len(boxes) == len(set(boxes))
    assert (set(boxes) | BY_VERBS, set(boxes) & BY_VERBS) == (fields, set())
    assert ArticleForm.base_fields.keys() - {"seen", "page", "show_update"} == set(boxes)


def test_a_new_article_is_a_draft_with_a_slug_from_its_headline_and_a_first_revision(
    ed,
):
    answer = ed.post(ADD, typed(headline="Ten held, three freed"), follow=True)
    article = Article.objects.get()
    assert answer.redirect_chain == [(page(article), 302)]
    assert "The story is saved. Readers do not see it yet." in answer.text
    assert (article.slug, article.status) == ("ten-held-three-freed", "draft")
    revision = article.revisions.get()
    assert (revision.number, revision.made_by, revision.summary) == (1, "ed", "Created")


def test_rows_may_change_places_and_go(ed):
    article = make_article(status="draft", publish_at=None)
    for order, name in enumerate("abc"):
        KeyFact.objects.create(article=article, figure=name, text="x", order=order)
    shown = ed.get(page(article)).content.decode()
    assert re.findall(r'name="facts-\d-figure" value="(.)"', shown) == ["a", "b", "c"]
    rows = {"facts-TOTAL_FORMS": "4"}
    for row, (name, place) in enumerate(zip("abc", ("2", "1", "3"), strict=True)):
        rows |= {f"facts-{row}-place": place, f"facts-{row}-figure": name, f"facts-{row}-text": "x"}
    rows["facts-2-DELETE"] = "on"
    assert ed.post(page(article), typed_over(article, **rows)).status_code == 302
    assert list(KeyFact.objects.values_list("figure", "order")) == [("b", 0), ("a", 1)]


@pytest.mark.parametrize("button", ["preview", "publish", "schedule"])
def test_a_button_stores_what_is_typed_before_it_goes_on(ed, button):
    answer = ed.post(ADD, typed(onward=button))
    assert answer["Location"] == page(Article.objects.get(), button)


def test_saving_a_live_article_is_a_working_copy_until_it_is_published(ed):
    article = make_whole("a-story")
    changed = {
        "slug": "better",
        "show_update": "on",
        "links-TOTAL_FORMS": "1",
        "links-0-title": "Elsewhere",
    }
    answer = ed.post(page(article), typed_over(article, **changed), follow=True)
    html = answer.content.decode()
    assert "Saved as unpublished changes. Readers do not see them yet." in html
    assert 'name="slug" value="better"' in html
    assert "5 unpublished changes" in " ".join(html.split())
    assert Article.objects.get().slug == "a-story"
    ed.post(page(article, "publish_changes"), {})
    stored = Article.objects.get()
    assert (stored.slug, stored.status, stored.updated_at is not None) == (
        "better",
        "published",
        True,
    )
    assert (stored.facts.count(), stored.links.count()) == (0, 1)
    assert list(Redirect.objects.values_list("old_slug", flat=True)) == ["a-story"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"body": "x" * 1_000_000},
         "The text has 1000000 characters. The limit is 200000. Make it shorter, or write two stories."),
        ({"slug": "taken"}, "Story with this Slug already exists."),
        ({"headline": ""}, "This field is required."),
        ({"body": "![a](https://elsewhere.example/x.png)"},
         "We can only show our own pictures. Add the picture under Pictures and copy its line from there."),
        ({"steps-TOTAL_FORMS": "1", "steps-0-date": "2024-02-31", "steps-0-stage": "arrest", "steps-0-text": "x"},
         "Enter a valid date."),
        ({"links-TOTAL_FORMS": "1", "links-0-title": "x", "links-0-url": "javascript:alert(1)"},
         "Enter a valid URL."),
    ],
    ids=["1 MB", "duplicate slug", "no headline", "foreign image", "31 February", "script link"],
)  # fmt: skip
def test_bad_input_is_a_clear_error_and_nothing_typed_is_lost(ed, fields, sentence):
    make_article("taken")
    wanted = {"standfirst": "Kept word for word."} | fields
    answer = ed.post(ADD, typed(**wanted))
    html = answer.content.decode()
    assert (answer.status_code, errors(html)) == (200, [sentence])
    assert "Kept word for word." in html
    assert str(fields.get("body", "")) in html
    assert Article.objects.count() == 1


def test_an_article_changed_meanwhile_is_overwritten_only_knowingly(ed):
    article = make_article(status="draft", publish_at=None)
    opened = typed_over(article, headline="Mine")
    ed.post(page(article), typed_over(article, headline="Theirs"))
    answer = ed.post(page(article), opened)
    html = answer.content.decode()
    assert errors(html)[0].startswith("Since you opened this story, ed has changed it (")
    assert "What you typed is still here." in errors(html)[0]
    assert 'value="Mine"' in html
    assert Article.objects.get().headline == "Theirs"
    assert 'name="seen" value="1"' in html
    assert ed.post(page(article), opened | {"seen": "1"}).status_code == 302
    assert Article.objects.get().headline == "Mine"


def test_the_list_has_tabs_a_search_box_and_one_button(ed):
    make_article("out", headline="Vans")
    make_article("later", headline="Lamps", status="draft", publish_at=None)
    html = ed.get("/admin/newsroom/article/?q=lamp").content.decode()
    assert re.findall(r">(Vans|Lamps)</a>", html) == ["Lamps"]
    assert 'name="q" value="lamp"' in html
    assert 'href="/admin/newsroom/article/add/">New story</a>' in html
    assert "Show counts" not in html
    tabs = re.search(r'<ul class="quick">(.*?)</ul>', html, re.DOTALL)
    assert tabs is not None
    assert re.findall(r">([A-Z]\w+)</a>", tabs[1]) == [
        "All",
        "Draft",
        "Scheduled",
        "Published",
        "Withdrawn",
    ]
    draft = ed.get("/admin/newsroom/article/?status__exact=draft").content.decode()
    assert re.findall(r">(Vans|Lamps)</a>", draft) == ["Lamps"]
    assert '<input type="hidden" name="status__exact" value="draft">' in draft, (
        "a search keeps the tab"
    )


def test_a_withdrawn_article_is_shown_and_cannot_be_changed(ed):
    article = make_article(
        status="withdrawn", withdrawn_at=timezone.now(), withdrawn_note="It was wrong."
    )
    html = ed.get(page(article)).content.decode()
    assert "It was wrong." in html
    assert 'name="headline"' not in html
    assert ed.post(page(article), typed_over(article, headline="New")).status_code == 403


def test_an_appeal_gets_the_first_slug_of_its_article_and_keeps_it(ed):
    ed.post(ADD, typed(headline="First name"))
    article = Article.objects.get()
    ed.post(page(article), typed_over(article, slug="second-name"))
    asked = {
        "article": article.pk,
        "title": "Did you see?",
        "prompt": "Small things.",
        "opens": "2024-03-01T12:00",
    }
    ed.post(
        "/admin/newsroom/appeal/add/", asked | {"key": "mine", "highlights": "Which car?\nWhen?"}
    )
    appeal = Appeal.objects.get()
    assert (appeal.key, appeal.questions) == ("first-name", ("Which car?", "When?"))
    ed.post(
        f"/admin/newsroom/appeal/{appeal.pk}/change/", asked | {"title": "Did you?", "key": "other"}
    )
    appeal.refresh_from_db()
    assert (appeal.key, appeal.title) == ("first-name", "Did you?")
    assert [revision.summary for revision in article.revisions.all()][:2] == ["Appeals", "Appeals"]


def test_a_new_appeal_opens_now_has_one_button_and_leads_to_what_readers_see(ed):
    add, form = (
        "/admin/newsroom/appeal/add/",
        {"article": make_article().pk, "title": "Did you see?", "prompt": "P"},
    )
    html = ed.get(add).content.decode()
    (opens,) = re.findall(r'name="opens" value="([^"]*)"', html)
    assert opens in {
        f"{timezone.localtime(timezone.now() - timedelta(minutes=ago)):%Y-%m-%dT%H:%M}"
        for ago in (0, 1)
    }
    assert re.findall(r'<input type="submit"[^>]*name="([^"]*)"', html) == ["_save"]
    saved = ed.post(add, form | {"opens": opens}, follow=True)
    assert saved.redirect_chain == [
        (f"/admin/newsroom/appeal/{Appeal.objects.get().pk}/change/", 302)
    ]
    assert '<a href="/news/a-story/">See it</a>' in saved.content.decode()
    later = ed.post(saved.redirect_chain[0][0], form | {"opens": "2099-01-01T12:00"}, follow=True)
    assert "See it" not in later.content.decode()


@pytest.mark.parametrize("hour", [0, 1])
def test_an_appeal_of_the_hour_that_comes_twice_is_saved_and_keeps_its_time(ed, hour):
    appeal = make_appeal(make_article(), opens=datetime(2027, 10, 31, hour, 30, 20, tzinfo=UTC))
    change = f"/admin/newsroom/appeal/{appeal.pk}/change/"
    form = {"title": "Did you?", "prompt": "P", "opens": "2027-10-31T01:30"}
    assert 'value="2027-10-31T01:30"' in ed.get(change).text
    assert ed.post(change, form).status_code == 302
    assert Appeal.objects.values_list("title", "opens").get() == ("Did you?", appeal.opens)
    assert ed.post(change, form | {"opens": "2027-10-31T01:45"}).status_code == 302
    assert Appeal.objects.get().opens == datetime(2027, 10, 31, 0, 45, tzinfo=UTC), (
        "the first of the two"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"closes": "2024-02-01T12:00"}, "An appeal cannot close before it opens."),
        ({"highlights": "\n".join("abcdef")}, "Ask at most 5 questions. Readers skip long lists."),
    ],
)
def test_an_impossible_appeal_is_a_clear_error(ed, fields, sentence):
    asked = {"article": make_article().pk, "title": "T", "prompt": "P", "opens": "2024-03-01T12:00"}
    answer = ed.post("/admin/newsroom/appeal/add/", asked | fields)
    assert errors(answer.content.decode()) == [sentence]
