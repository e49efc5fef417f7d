import pytest
from django.db.models import OuterRef

from newsroom.domain.rows import Rows
from newsroom.models import Article, KeyFact
from tests.newsroom.stories import make_article

pytestmark = pytest.mark.django_db


def figures() -> list[list[dict[str, str]]]:
    """Return each story's figures, as they hang from it."""
    facts = KeyFact.objects.filter(article=OuterRef("pk"))
    return list(Article.objects.order_by("slug").values_list(Rows(facts, figure="figure"), flat=True))


def test_rows_come_in_the_order_of_their_queryset_with_any_text() -> None:
    article = make_article("here")
    make_article("there")
    for order, figure in ((2, "%s"), (1, "Ł’\\"), (3, "null")):
        KeyFact.objects.create(article=article, figure=figure, text="of them", order=order)
    assert figures() == [[{"figure": "Ł’\\"}, {"figure": "%s"}, {"figure": "null"}], []]
