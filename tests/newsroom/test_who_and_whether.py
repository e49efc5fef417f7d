"""The front page and the page about us say who reads tips and whether it helped, and only what was said or released."""

import re
from dataclasses import replace
from datetime import date

import pytest

from reports.domain import state_files
from reports.domain.figures import counting
from reports.management import demo
from reports.views.submit import ABOUT
from tests.newsroom.articles import make_article

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
OPERATOR = {
    "controller": "Example Town Watch",
    "address": "1 Example Walk",
    "contact": "desk@example.org",
    "body": "a charity",
    "readers": "four trained volunteers",
    "police": "No police force sits here.",
    "funding": "Two trusts pay for this.",
}
FRONT_TELLS = (
    "Example Town Watch",
    "a charity",
    "four trained volunteers",
    "No police force sits",
    "Two trusts pay",
)


def text(client, path):
    """Return a page's main part as a reader sees it, on one line."""
    html = client.get(path).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def test_the_page_about_us_names_only_people_who_were_entered_for_it(client, settings):
    settings.PLACE = replace(settings.PLACE, operator=OPERATOR, people=("Sam Example, editor",))
    shown = text(client, "/about/who-we-are/")
    assert [
        fact
        for fact in (*FRONT_TELLS, "Sam Example, editor", "desk@example.org")
        if fact not in shown
    ] == []
    settings.PLACE = replace(settings.PLACE, people=())
    assert "Sam Example" not in text(client, "/about/who-we-are/")
    assert "People who speak for us" not in text(client, "/about/who-we-are/")


@pytest.mark.promise("results")
def test_the_desks_own_people_are_on_no_public_page(client):
    """The pages about us name only people who were entered for it, never the desk's."""
    state_files.save_profile(
        state_files.Profile(
            duty="Dana Duty", duty_email="dana@example.org", safeguarding="Saf Guard"
        )
    )
    for path in ("/", "/about/", "/about/who-we-are/"):
        assert not re.search("Dana|dana|Saf Guard", client.get(path).content.decode()), path


@pytest.mark.parametrize(
    "said", [{}, {"address": "1 Example Walk"}, {"controller": "Example Town Watch"}]
)
def test_no_page_breaks_for_what_nobody_has_said_of_who_runs_the_site(client, settings, said):
    settings.PLACE = replace(settings.PLACE, operator=said, people=())
    pages = {path: text(client, path) for path in ("/", *(f"/about/{page}/" for page in ABOUT))}
    assert [
        path for path, shown in pages.items() if not shown or "None" in shown or "{" in shown
    ] == []
    unsaid = (
        "The people who run this site have not yet said who they are. Think twice before you write."
    )
    assert (unsaid in pages["/about/who-we-are/"]) is ("address" not in said)
    assert "We read tips on most days, not at night." in pages["/about/who-we-are/"]
    assert "the people who run this site" in pages["/about/privacy/"] or "controller" in said


def test_the_front_page_tells_the_newest_released_figures(client):
    demo.make_figures(today=TODAY)
    counting.publish()
    shown = text(client, "/")
    assert "People sent us 285 tips from July to September 2026." in shown
    assert "We looked into 235 tips." in shown
    assert "60 tips helped lead to a result." in shown


@pytest.mark.promise("results")
def test_the_front_page_shows_no_figure_that_was_suppressed(client):
    """The front page shows the newest released figures, and none that was suppressed."""
    totals = counting.nothing()
    for table in totals[counting.RECEIVED].values():
        table[counting.NOT_SAID] = 40
    for table in totals[counting.OUTCOME].values():
        table[counting.NOT_SAID] = 7
    counting.release(quarter=date(2026, 7, 1), totals=totals, today=date(2026, 10, 29))
    counting.publish()
    shown = text(client, "/")
    assert "People sent us 40 tips" in shown
    assert "We looked into" not in shown
    assert "helped lead to a result" not in shown


@pytest.mark.promise("results")
def test_began_with_residents_stands_only_where_an_outcome_was_released(client):
    """A story is said to have begun with residents only where an outcome was released."""
    article = make_article("given-back", headline="A home given back")
    make_article("lead")
    assert "This began with what residents told us" not in text(client, "/")
    article.residents_least, article.residents_most = 5, 10
    article.save()
    shown = text(client, "/")
    assert (
        "This began with what residents told us A home given back 5 to 10 tips helped lead to it."
        in shown
    )
