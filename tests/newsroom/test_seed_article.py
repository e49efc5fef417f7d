"""The first story is exact: its figures, its day, and every quotation word for word."""

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
def story(db: None) -> Article:
    seeding.load(path=seeding.ARTICLES)
    return Article.objects.published().get()


def plain(text: str) -> str:
    """Return the text without Markdown's quote marks and line ends."""
    return " ".join(text.replace("\n>", "\n").split())


@pytest.mark.parametrize("quote", QUOTES)
def test_story_quotes_word_for_word(story: Article, quote: str) -> None:
    assert quote in plain(story.body)


def test_story_has_no_quotation_but_these(story: Article) -> None:
    rest = plain(story.body)
    for quote in QUOTES:
        assert quote in rest
        rest = rest.replace(quote, "")
    assert "“" not in rest
    assert "”" not in rest


def test_appeal_quotes_word_for_word(story: Article) -> None:
    why = plain(story.appeals.get().why)
    assert (
        "“Whilst you may not see an immediate response to a report you make, the information you provide can form part "
        "of a bigger piece of work into those supplying drugs on our streets and contribute to activity such as this.”"
    ) in why
    assert why.count("“") == 1


def test_story_headline_tells_both_kinds_of_arrest(story: Article) -> None:
    assert story.headline == "Ten held over drug supply, three over immigration offences, after 12 warrants"


def test_story_facts_are_exact(story: Article) -> None:
    body = plain(story.body)
    assert "Ten people have been arrested for drug supply offences" in body
    assert "The Home Office arrested a further three people for immigration offences." in body
    assert "the 12 drug warrants on the morning of Tuesday 21 November 2023" in body
    assert "addresses in Milton Keynes, London and South Yorkshire" in body
    assert "the force’s Serious Organised Crime Unit (SOCU)" in body
    assert "Officers seized cash, suspected class A drugs and electronic devices." in body
    assert "Detective Chief Inspector James Horseman, Crime Manager for Milton Keynes, said:" in body
    assert [(fact.figure, fact.text) for fact in story.facts.all()] == [
        ("12", "drug warrants, at addresses in Milton Keynes, London and South Yorkshire"),
        ("10", "arrests for drug supply offences"),
        ("3", "further arrests, by the Home Office, for immigration offences"),
    ]
    assert [(step.stage, step.date.isoformat()) for step in story.steps.all()] == [("arrest", "2023-11-21")]
    assert story.proceedings_active is True


def test_story_never_adds_the_two_kinds_of_arrest_up() -> None:
    text = Path(seeding.ARTICLES / "milton-keynes-drug-warrants.md").read_text(encoding="utf-8").lower()
    for wrong in ("13 ", "thirteen", "more than a dozen", "13 arrested"):
        assert wrong not in text


def test_story_keeps_the_other_papers_headline_out_of_its_text(story: Article) -> None:
    assert "READ MORE" not in story.body
    assert "Risborough" not in story.body
    assert [(link.title, link.url) for link in story.links.all()] == [
        ("Princes Risborough: Co-op supermarket window smashed in break in", "")
    ]


def test_appeal_is_named_by_the_storys_slug(story: Article) -> None:
    appeal = story.appeals.get()
    assert appeal.key == story.slug == "milton-keynes-drug-warrants"
    assert appeal.prompt == "Small things count: a car, a time of day, a door that is always open."
