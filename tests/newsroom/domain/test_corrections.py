import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from newsroom.domain import editing
from newsroom.domain.editing import Status
from newsroom.models import Article, Correction
from tests.newsroom.editors import in_state

pytestmark = pytest.mark.django_db


def test_correction_is_dated_now_and_updates_the_article(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    correction = editing.correct(article=article, by=ed, text=" Ten. ", body="Ten arrests.")
    stored = Article.objects.get()
    assert (correction.text, stored.body, stored.updated_at) == ("Ten.", "Ten arrests.", correction.at)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": " "}, {"text": ["Write what was wrong and what is right."]}),
        ({"text": "x" * 1001}, {"text": ["Your correction is too long. Use at most 1000 characters."]}),
    ],
)  # fmt: skip
def test_correct_refuses_what_makes_no_correction(ed: User, fields: dict[str, object], problem: object) -> None:
    with pytest.raises(ValidationError) as refused:
        editing.correct(article=in_state(Status.PUBLISHED), by=ed, **fields)  # type: ignore[arg-type]
    assert refused.value.message_dict == problem
    assert Correction.objects.count() == 0
