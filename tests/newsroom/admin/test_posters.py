import html
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Permission, User

from newsroom.admin.forms import SHEETS
from newsroom.admin.posters import MOST_WORDS
from newsroom.models import Appeal
from tests.languages.conftest import forget, offer, offered  # noqa: F401
from tests.newsroom.articles import NOON, make_appeal, make_article

OURS = "Do you know something about drug dealing? You can tell us without giving your name."


@pytest.fixture
def appeal(db, settings):
    settings.SITE_ORIGIN = "https://town.example"
    return make_appeal(make_article(), title="A <van>?", prompt="Which colour?")


def address(appeal, **query):
    """Return the address of an appeal's posters, or of a sheet."""
    return f"/admin/newsroom/appeal/{appeal.pk}/posters/?" + "&".join(
        f"{name}={said}" for name, said in query.items()
    )


class Tags(HTMLParser):
    """The tags of a page, each with its attributes, and its text as people read it."""

    def __init__(self, markup):
        super().__init__()
        self.tags = []
        self.text = ""
        self.feed(markup)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def sheet(ed, appeal, **query):
    """Return a sheet's HTML, and what is in it."""
    page = ed.get(address(appeal, **query))
    assert page.templates[0].name == f"reports/paper/{query['sheet']}.html"
    return page.text, Tags(page.text)


def test_posters_are_for_those_who_may_change_stories(ed, user, appeal):
    assert ed.get(address(appeal)).status_code == 200
    user.user_permissions.set(Permission.objects.filter(codename="view_article"))
    for query in ({}, {"sheet": "poster"}):
        assert ed.get(address(appeal, **query)).status_code == 403
    for page in (f"appeal/{appeal.pk}", f"article/{appeal.article.pk}"):
        assert "posters/" not in ed.get(f"/admin/newsroom/{page}/change/").text


def test_an_open_appeal_and_its_story_link_to_posters_and_a_closed_one_has_none(ed, appeal):
    pages = [
        f"/admin/newsroom/{page}/change/"
        for page in (f"appeal/{appeal.pk}", f"article/{appeal.article.pk}")
    ]
    link = f'<a href="/admin/newsroom/appeal/{appeal.pk}/posters/">Posters and a link for other sites</a>'
    assert [ed.get(page).text.count(link) for page in pages] == [1, 1]
    Appeal.objects.update(closes=NOON)
    assert [ed.get(page).text.count("posters/") for page in pages] == [0, 0]
    assert ed.get(address(appeal)).status_code == 404


def test_a_sheet_is_in_offered_languages_only(ed, appeal):
    for query in ({"first": "pl"}, {"second": "ur"}, {"second": "de"}):
        page = ed.get(address(appeal, sheet="poster", **query))
        assert page.templates[0].name == "admin/newsroom/appeal/posters.html"
        assert "Select a valid choice." in page.text
    assert (
        ed.get(address(appeal, sheet="../poster")).templates[0].name
        == "admin/newsroom/appeal/posters.html"
    )


def headlines(poster):
    """Return the headline of each language of a poster."""
    return [
        " ".join(Tags(found).text.split())
        for found in re.findall(r"<h1>(.*?)</h1>", poster, re.DOTALL)
    ]


def test_a_poster_asks_one_question_in_each_language(
    ed,
    appeal,
    offered,  # noqa: F811
):
    both, read = sheet(ed, appeal, sheet="poster", second="ur")
    assert re.findall(r'<section lang="(.*?)" dir="(.*?)"', both) == [
        ("en-gb", "ltr"),
        ("ur", "rtl"),
    ]
    assert headlines(both) == ["A <van>?", "منشیات فروشی دیکھی ہے؟"]
    assert ("town.example/appeals/" in read.text, "town.example/ur/" in read.text) == (True, True)
    assert "Which colour?" not in both
    polish, read = sheet(ed, appeal, sheet="poster", first="pl", second="ur")
    assert polish.startswith('<!doctype html>\n<html lang="pl" dir="ltr">')
    assert headlines(polish) == ["Wiedzą Państwo o handlu narkotykami?", "منشیات فروشی دیکھی ہے؟"]
    assert ("town.example/pl/" in read.text, "/news/" in polish) == (True, False)


@pytest.mark.parametrize("title", ["Did you see a van on a day in May?", "Neighbours’ " * 4])
def test_a_poster_asks_ours_where_the_question_is_too_long_to_read_from_the_road(ed, appeal, title):
    Appeal.objects.update(title=title)
    assert headlines(sheet(ed, appeal, sheet="poster")[0]) == ["Know about drug dealing near you?"]


def test_no_headline_of_ours_has_more_than_eight_words(ed, appeal, offered):  # noqa: F811
    Appeal.objects.update(title="Much too long for anybody who only walks past it")
    found = []
    for code in ("en-gb", "pl", "ro", "ur"):
        found += headlines(sheet(ed, appeal, sheet="poster", first=code)[0])
    assert len(found) == 4
    assert [one for one in found if len(one.split()) > MOST_WORDS] == []


def test_a_poster_says_who_we_are_and_whom_to_call(ed, appeal):
    read = sheet(ed, appeal, sheet="poster")[1]
    assert "We are not the police. No name needed." in read.text
    assert "In danger? Call 999. If it is not urgent, call the police on 101." in read.text
    assert "Streetlight demonstration runs this site." in read.text


def test_what_ends_up_in_a_pocket_says_nothing_of_drugs_or_police(ed, appeal, offered):  # noqa: F811
    poster, _read = sheet(ed, appeal, sheet="poster", second="pl")
    tabs = Tags(poster[poster.index('<ul class="tabs">') :])
    cards = sheet(ed, appeal, sheet="cards", second="pl")[1]
    assert tabs.text.count("Streetlight town.example/appeals/") == 4
    assert cards.text.count("Streetlight Milton Keynes town.example/pl/") == 5
    told = re.compile("drug|police|narko|policj|999|crime|tip", re.IGNORECASE)
    assert [told.findall(one) for one in (tabs.text, cards.text.replace(appeal.title, ""))] == [
        [],
        [],
    ]
    assert told.search(poster), "the control"


def test_the_page_warns_of_another_code_stuck_over_ours(ed, appeal):
    assert "Somebody can stick another code over ours." in ed.get(address(appeal)).text


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_fetches_nothing_and_does_not_say_who_printed_it(
    ed,
    user,
    appeal,
    offered,  # noqa: F811
    name,
):
    User.objects.filter(pk=user.pk).update(username="zzprinter", first_name="zzprinter")
    text, read = sheet(ed, appeal, sheet=name, first="pl", second="ur")
    fetched = [
        given
        for tag, given in read.tags
        if tag in ("link", "script", "img", "iframe", "object", "use")
    ]
    assert [(given["rel"], given["href"]) for given in fetched] == [
        ("stylesheet", "/static/css/paper.css")
    ]
    links = [given["href"] or "" for tag, given in read.tags if tag == "a"]
    assert [link for link in links if not link.startswith("tel:")] == []
    assert [given for _tag, given in read.tags if "style" in given or "onclick" in given] == []
    assert [word for word in ("zzprinter", "/report/", "utm_") if word in text] == []


def test_a_card_for_seven_words_does_not_say_what_they_are_for(ed, appeal):
    text, read = sheet(ed, appeal, sheet="words")
    once = "Write one word on each line. Keep this where nobody looks."
    assert read.text == f"Write one word on each line. {' '.join([once] * 8)}"
    assert (text.count("<li>"), "<svg" in text) == (56, False)
    assert [
        word for word in ("town.example", "Streetlight", "999", "a-story") if word in text
    ] == []


def test_what_other_sites_copy_is_a_link_and_nothing_else(
    ed,
    appeal,
    offered,  # noqa: F811
):
    page = ed.get(address(appeal)).text
    english, polish, _romanian, urdu = [
        html.unescape(found).strip()
        for found in re.findall(r'<textarea id="html_.*?>(.*?)</textarea>', page, re.DOTALL)
    ]
    link = {
        "href": "https://town.example/news/a-story/",
        "rel": "noreferrer",
        "lang": "en-gb",
        "dir": "ltr",
    }
    assert Tags(english).tags == [("a", link), ("b", {})]
    assert Tags(english).text == f"A <van>? {OURS} (Streetlight Milton Keynes)"
    assert Tags(polish).tags == [("a", link | {"href": "https://town.example/pl/", "lang": "pl"})]
    assert Tags(urdu).tags == [
        ("a", link | {"href": "https://town.example/ur/", "lang": "ur", "dir": "rtl"})
    ]


def test_what_nobody_checked_is_in_english_on_paper_and_the_editor_is_told(
    ed, appeal, settings, tmp_path
):
    offer(
        settings, tmp_path / "languages", demo=False, place=tmp_path
    )  # a place of which nobody checked anything
    polish, read = sheet(ed, appeal, sheet="poster", first="pl")
    for said in ("We are not the police. No name needed.",):
        assert f'<bdi lang="en" dir="ltr">{said}</bdi>' in polish
    assert "Proszę zeskanować" in read.text
    assert (
        ed.get(address(appeal)).text.count("No native speaker has checked this translation.") == 3
    )
    forget()
