"""The first article is exact: its figures, its day, and every quotation word for word."""

from pathlib import Path

import pytest

from newsroom.domain import seeding
from newsroom.models import Article

QUOTES = [
    (
        "“There is a huge amount of work taking place across Milton Keynes to tackle drug supply and violence in "
        "our city, not all of which is visible to local communities."
    ),
    (
        "“It is no secret that violent incidents are often related to drugs and today’s activity shows the result"
        " of a significant amount of ‘behind-the-scenes’ work into issues that our communities are raising to us."
    ),
    (
        "“I hope these warrants demonstrate that we take reports of drug dealing and drug use seriously and will "
        "work with specialist teams to keep our city safe. Whilst you may not see an immediate response to a "
        "report you make, the information you provide can form part of a bigger piece of work into those "
        "supplying drugs on our streets and contribute to activity such as this.”"
    ),
    (
        "“visible result of a lengthy investigation into active drug lines stemming from Milton Keynes,” "
        "Detective Inspector Natalie Hall said."
    ),
    (
        "“My team work closely with local officers to understand crimes that are having a significant impact on "
        "their local community and take on the more complex and protracted investigation needed to intercept and "
        "dismantle organised crime."
    ),
    (
        "“I hope today demonstrates the strong stance we take against drug supply and serves as a warning to "
        "those committing these offences that we will catch up with you,” she added."
    ),
]


@pytest.fixture
def article(db: None) -> Article:
    seeding.load(path=seeding.ARTICLES)
    return Article.objects.published().get()


def plain(text: str) -> str:
    """Return the text without Markdown's quote marks and line ends."""
    return " ".join(text.replace("\n>", "\n").split())


def test_article_has_no_quotation_but_these(article: Article) -> None:
    rest = plain(article.body)
    for quote in QUOTES:
        assert quote in rest
        rest = rest.replace(quote, "")
    assert "“" not in rest
    assert "”" not in rest


def test_article_facts_are_exact(article: Article) -> None:
    body = plain(article.body)
    assert "Ten people have been arrested for drug supply offences" in body
    assert "The Home Office arrested a further three people for immigration offences." in body
    assert "the 12 drug warrants on the morning of Tuesday 21 November 2023" in body
    assert "addresses in Milton Keynes, London and South Yorkshire" in body
    assert "the force’s Serious Organised Crime Unit (SOCU)" in body
    assert "Officers seized cash, suspected class A drugs and electronic devices." in body
    assert "Detective Chief Inspector James Horseman, Crime Manager for Milton Keynes, said:" in body
    assert [(fact.figure, fact.text) for fact in article.facts.all()] == [
        ("12", "drug warrants, at addresses in Milton Keynes, London and South Yorkshire"),
        ("10", "arrests for drug supply offences"),
        ("3", "further arrests, by the Home Office, for immigration offences"),
    ]
    assert [(step.stage, step.date.isoformat()) for step in article.steps.all()] == [("arrest", "2023-11-21")]
    assert article.proceedings_active is True


def test_article_never_adds_the_two_kinds_of_arrest_up() -> None:
    text = Path(seeding.ARTICLES / "milton-keynes-drug-warrants.md").read_text(encoding="utf-8").lower()
    for wrong in ("13 ", "thirteen", "more than a dozen", "13 arrested"):
        assert wrong not in text
