"""/outcomes/: the newest figures as tables with bars, all of them as files, and no database behind it."""

import csv
import io
import re
from datetime import date

import pytest

from reports.domain.figures import counting
from reports.management import demo

TODAY = date(2026, 11, 24)


@pytest.fixture
def released(db):
    """Tell the town the invented figures."""
    demo.make_figures(today=TODAY)
    counting.publish()


def page(client):
    """Return the page as it is sent."""
    response = client.get("/outcomes/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.usefixtures("released")
def test_page_tells_the_newest_quarter_and_when_the_next_comes(client):
    html = " ".join(page(client).split())
    assert '<h2 id="quarter">July to September 2026</h2>' in html
    assert "<b>285</b> tips people sent us" in html
    assert "We published these numbers on 29 October 2026" in html
    assert "We will publish the next ones on 29 January 2027." in html


def test_page_says_what_the_figures_hide_from_and_when_a_tip_counts(client):
    said = " ".join(page(client).split())
    assert (
        "So that nobody can work out a hidden number from our figures alone, we hide one more number"
        in said
    )
    assert "Someone who sent us many tips knows how many of a number are their own." in said
    assert (
        "We count a tip once we have opened it. If someone on our team then decides that it is spam"
        in said
    )
    assert "We do not count spam" not in said


@pytest.mark.usefixtures("released")
def test_every_area_and_kind_has_its_line_and_what_is_hidden_says_so(client):
    response = client.get("/outcomes/")
    html = response.text
    quarter = response.context["quarter"]
    tables = (quarter["areas"], quarter["kinds"], response.context["earlier"])
    for labels in (counting.cells()["area"], counting.cells()["kind"]):
        assert len(labels) > 7
    packed = re.sub(r">\s+|\s+<", lambda gap: gap[0].strip(), html)
    rows = dict(re.findall(r'<tr><th scope="row">(.+?)</th>(.*?)</tr>', packed))
    hidden = (
        '<td><span aria-hidden="true">–</span><span class="visually-hidden">not shown</span></td>'
    )
    assert rows["Olney"] == hidden * 3
    bar = '<meter max="35" value="35" aria-hidden="true"></meter>'
    assert rows["Woughton and Fishermead"] == f"<td>{bar}35</td><td>25</td><td>10</td>"
    assert html.count("<meter") == sum(
        row.numbers[0] is not None for table in tables for row in table.rows
    )
    assert (
        len(rows) == sum(map(len, counting.cells().values())) - 1 + 3
    )  # "did not say" is in both; three quarters


def test_before_the_first_release_the_page_says_when_figures_come(client):
    html = page(client)
    assert (
        "There are no figures yet. We publish the figures of a quarter 28 days after it ends."
        in html
    )
    assert "<meter" not in html
    assert "outcomes.csv" not in html


def test_one_release_has_no_quarters_before_it_and_few_tips_are_said_to_be_few(client, db):
    counting.release(quarter=date(2026, 7, 1), totals=counting.nothing(), today=date(2026, 10, 29))
    counting.publish()
    html = page(client)
    assert html.count("<b>&lt; 10</b>") == 3
    assert "Earlier quarters" not in html
    assert "<meter" not in html, "of nothing that is shown a bar could be drawn"


@pytest.mark.usefixtures("released")
def test_csv_holds_every_number_of_every_release(client):
    rows = list(csv.DictReader(io.StringIO(client.get("/outcomes.csv").content.decode())))
    numbers = {
        (row["quarter"], row["measure"], row["breakdown"], row["group"]): row["number"]
        for row in rows
    }
    releases = counting.releases()
    assert len(numbers) == len(rows) == 4 * 3 * (1 + sum(map(len, counting.cells().values())))
    for release, quarter in zip(
        releases, ("2026-Q3", "2026-Q2", "2026-Q1", "2025-Q4"), strict=True
    ):
        for measure, figures in release.measures.items():
            cells = {
                (table, cell): number
                for table, named in figures.tables.items()
                for cell, number in named.items()
            }
            for place, number in {("all", ""): figures.total, **cells}.items():
                assert numbers[quarter, measure, *place] == ("" if number is None else str(number))
